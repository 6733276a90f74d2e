// Takes contact members out of an event's JSON text while it is walked: what is left is the payload, byte for
// byte as sent but for the cut members and one comma each; what was cut becomes the contact part, an object
// of the same nesting.
#pragma once

#include <string_view>
#include <vector>

#include "event/arena.h"

namespace lode::event {

// email, name, phone, address: the members that are contact data.
bool is_contact_member(std::string_view name);

// Reusable, not thread-safe. The cuts of one event, noted in the order of the text.
class ContactSplit {
 public:
  enum class Owner { event, customer };

  void clear();
  bool empty() const { return parts_.empty(); }

  // The member from its name's quote to its value's end; `next_name` is the next member's opening quote, null
  // for the last member, where the cut goes back to `kept_end`: the end of the last member that stays, or the
  // byte behind the object's brace.
  void cut(Owner owner, const char* name, const char* value_end, const char* next_name, const char* kept_end);

  // `item` without the cuts, in the arena.
  std::string_view payload(std::string_view item, Arena& arena) const;
  // The cut members as an object, in the arena; `inside_data` nests it in a member `data` (CloudEvents).
  std::string_view contact(bool inside_data, Arena& arena) const;

 private:
  struct Cut {
    const char* begin;
    const char* end;
  };
  struct Part {
    Owner owner;
    std::string_view text;
  };
  std::vector<Cut> cuts_;
  std::vector<Part> parts_;
};

}  // namespace lode::event
