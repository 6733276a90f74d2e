#include "event/contact_split.h"

#include <stdexcept>
#include <string>

namespace lode::event {

bool is_contact_member(std::string_view name) {
  return name == "email" || name == "name" || name == "phone" || name == "address";
}

void ContactSplit::clear() {
  cuts_.clear();
  parts_.clear();
}

void ContactSplit::cut(Owner owner, const char* name, const char* value_end, const char* next_name,
                       const char* kept_end) {
  parts_.push_back({owner, {name, static_cast<size_t>(value_end - name)}});
  if (next_name != nullptr) {
    cuts_.push_back({name, next_name});
    return;
  }
  while (!cuts_.empty() && cuts_.back().begin >= kept_end) cuts_.pop_back();
  cuts_.push_back({kept_end, value_end});
}

std::string_view ContactSplit::payload(std::string_view item, Arena& arena) const {
  char* out = arena.allocate(item.size());
  size_t size = 0;
  const char* from = item.data();
  auto keep_until = [&](const char* to) {
    size_t bytes = static_cast<size_t>(to - from);
    std::memcpy(out + size, from, bytes);
    size += bytes;
  };
  for (const Cut& cut : cuts_) {
    if (cut.begin < from) throw std::logic_error("contact cuts overlap");
    keep_until(cut.begin);
    from = cut.end;
  }
  keep_until(item.data() + item.size());
  return {out, size};
}

std::string_view ContactSplit::contact(bool inside_data, Arena& arena) const {
  std::string out = inside_data ? "{\"data\":{" : "{";
  bool first = true;
  for (Owner owner : {Owner::customer, Owner::event}) {
    bool open = false;
    for (const Part& part : parts_) {
      if (part.owner != owner) continue;
      if (!first) out += ',';
      if (owner == Owner::customer && !open) out += "\"customer\":{";
      open = true;
      first = false;
      out += part.text;
    }
    if (owner == Owner::customer && open) out += '}';
  }
  out += inside_data ? "}}" : "}";
  return arena.copy(out);
}

}  // namespace lode::event
