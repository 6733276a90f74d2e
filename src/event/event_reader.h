// Reads one event from its JSON tokens. The body decoders (json.h, record_decoder.h) stand on it, and so does
// FlatBuffers for its `extra` members.
#pragma once

#include "event/contact_split.h"
#include "event/event.h"
#include "event/event_check.h"
#include "event/event_fields.h"
#include "event/json_cursor.h"
#include "event/json_leaves.h"
#include "event/json_structure.h"
#include "event/member_reader.h"

namespace lode::event {

// "application/json", with parameters or not, "application/…+json", or nothing.
bool is_json_media_type(std::string_view type);

// Reusable, not thread-safe. The hot path of admission and replay: it allocates only for text with escapes
// and for events with contact data.
class EventReader {
 public:
  explicit EventReader(const Limits& limits) : limits_(limits) {}
  const Limits& limits() const { return limits_; }

  // Takes one value, which must be an event object, and appends the event and its lines to `batch`. `contact`
  // is the contact part that belongs to it, empty at admission. False: nothing was appended and `problem`
  // says why; the cursor is then anywhere.
  bool read_event(JsonCursor& cursor, std::string_view contact, EventBatch& batch, Problem& problem);
  // The same for a structured CloudEvents object.
  bool read_cloudevent(JsonCursor& cursor, std::string_view contact, EventBatch& batch, Problem& problem);

  // Adds an object's members to `hash` as members of an event of this type that Lode doesn't know; a member
  // that it knows is refused. `text` is complete JSON.
  bool read_extra(std::string_view text, EventType type, Arena& arena, ContentHash& hash, Problem& problem);

 private:
  // What a CloudEvents envelope says; it counts where the data says nothing.
  struct Envelope {
    std::string_view id, source, type, time;
  };
  bool read_object(JsonCursor& cursor, const Envelope* envelope, std::string_view contact, EventBatch& batch,
                   Problem& problem);
  bool find_type(JsonCursor cursor, const Envelope* envelope, MemberReader& reader, EventType& out);
  bool read_members(MemberReader& reader, EventBatch& batch);
  bool read_known(Field field, std::string_view name, MemberReader& reader, EventBatch& batch);
  bool read_customer(MemberReader& reader);
  bool read_product(MemberReader& reader);
  bool read_lines(MemberReader& reader, EventBatch& batch);
  bool read_line(MemberReader& reader, uint32_t index, Line& line);
  bool read_unknown(MemberReader& reader, uint64_t path, uint32_t depth);
  bool read_contact_member(MemberReader& reader, std::string_view name);
  bool read_contact_part(std::string_view contact, bool inside_data, Arena& arena, Problem& problem);
  bool read_envelope_time(const Envelope& envelope, EventBatch& batch, MemberReader& reader);
  bool merge_alias(MemberReader& reader, std::string_view object, std::string_view name,
                   std::string_view nested, std::string_view& to);
  bool finish(const Envelope* envelope, std::string_view contact, EventBatch& batch, MemberReader& reader);

  Limits limits_;
  JsonLeaves leaves_;
  JsonStructure contact_structure_;
  ContactSplit split_;

  // Of the event that is being read.
  Event event_;
  ContentHash hash_;
  Customer nested_customer_;
  Product nested_product_;
  bool sent_time_ = false;
  uint32_t depth_left_ = 0;  // below the event's own object
};

}  // namespace lode::event
