// EventReader's CloudEvents: the envelope around an event, and members that come beside a FlatBuffers event.
#include "event/event_reader.h"

namespace lode::event {

bool EventReader::read_cloudevent(JsonCursor& cursor, std::string_view contact, EventBatch& batch,
                                  Problem& problem) {
  event_ = {};
  split_.clear();
  const char* begin = cursor.here();
  MemberReader reader(cursor, batch.arena, problem);
  if (!cursor.take('{')) {
    return reader.fail("invalid_type", {}, "Send each CloudEvent as a JSON object.");
  }
  Envelope envelope;
  std::string_view version, content_type;
  const uint32_t* data = nullptr;
  ContentHash ignored;  // the envelope is not content
  depth_left_ = limits_.nesting - 1;
  if (!cursor.take('}')) {
    uint32_t seen = 0;
    do {
      std::string_view name;
      if (!reader.name(name)) return false;
      struct Known {
        std::string_view name;
        std::string_view* to;
      };
      const Known known[] = {
          {"specversion", &version}, {"id", &envelope.id},     {"source", &envelope.source},
          {"type", &envelope.type},  {"time", &envelope.time}, {"datacontenttype", &content_type},
          {"data", nullptr},         {"data_base64", nullptr}};
      uint32_t i = 0;
      while (i < std::size(known) && known[i].name != name) ++i;
      if (i < std::size(known)) {
        if (seen & 1u << i) return reader.twice({"", -1, name});
        seen |= 1u << i;
        if (known[i].to != nullptr) {
          if (!reader.text({"", -1, name}, *known[i].to)) return false;
          continue;
        }
        if (name == "data_base64") {
          return reader.fail("invalid_value", {"", -1, name},
                             "Send the event as JSON in `data`, not as base64.");
        }
        data = cursor.token();
        if (!cursor.skip_value()) return reader.malformed();  // read below, when the whole envelope is known
        continue;
      }
      if (leaves_.add(cursor, 0, depth_left_, ignored) != JsonError::none) return reader.malformed();
    } while (cursor.take(','));
    if (!cursor.take('}')) return reader.malformed();
  }
  if (version != "1.0") {
    return reader.fail(version.empty() ? "missing_field" : "invalid_value", {"", -1, "specversion"},
                       "Send `specversion` \"1.0\".");
  }
  if (data == nullptr) return reader.fail("missing_field", {"", -1, "data"}, "Send the event in `data`.");
  if (!is_json_media_type(content_type)) {
    return reader.fail("invalid_value", {"", -1, "datacontenttype"}, "Send `data` as application/json.");
  }

  JsonCursor inside = cursor.at(data);
  depth_left_ = limits_.nesting > 1 ? limits_.nesting - 2 : 0;
  MemberReader data_reader(inside, batch.arena, problem);
  event_.payload = {begin, static_cast<size_t>(cursor.value_end() - begin)};
  event_.format = Format::cloudevents;
  if (read_object(inside, &envelope, contact, batch, problem) &&
      read_envelope_time(envelope, batch, reader) && finish(&envelope, contact, batch, data_reader)) {
    return true;
  }
  if (problem.pointer != "/time") problem.pointer.insert(0, "/data");
  return false;
}

bool EventReader::read_envelope_time(const Envelope& envelope, EventBatch& batch, MemberReader& reader) {
  if (sent_time_ || envelope.time.empty()) return true;
  sent_time_ = parse_rfc3339(envelope.time, event_.occurred_at);
  if (sent_time_) return true;
  batch.lines.resize(event_.first_line);
  return reader.fail("invalid_time", {"", -1, "time"},
                     "Write the time as RFC 3339 with an offset, such as \"2010-12-01T08:26:00Z\".");
}

bool EventReader::read_extra(std::string_view text, EventType type, Arena& arena, ContentHash& hash,
                             Problem& problem) {
  const MemberPlace place{"", -1, "extra"};
  auto bad = [&](const char* code, const char* detail) {
    problem = {code, place.pointer(), detail};
    return false;
  };
  constexpr const char* kMalformed = "Send further members as one JSON object in `extra`.";
  if (!contact_structure_.scan(text)) return bad("invalid_json", kMalformed);
  auto tokens = contact_structure_.tokens();
  JsonCursor cursor(text.data(), tokens.data(), tokens.data() + tokens.size());
  MemberReader reader(cursor, arena, problem);
  if (!cursor.take('{')) return bad("invalid_json", kMalformed);
  const uint32_t depth = limits_.nesting - 1;
  if (!cursor.take('}')) {
    do {
      std::string_view name;
      if (!reader.name(name)) return bad("invalid_json", kMalformed);
      Field field = field_of(name);
      if (field != Field::unknown &&
          (bit(field) & (fields_of(type) | kContactFields | bit(Field::customer)))) {
        return bad("duplicate_member",
                   "Send members that the schema has in their own fields, not in `extra`.");
      }
      JsonError error = leaves_.add(cursor, ContentHash::member(ContentHash::kRoot, name), depth, hash);
      if (error == JsonError::too_deep) return bad("too_deep", "Nest the members of `extra` less deeply.");
      if (error != JsonError::none) return bad("invalid_json", kMalformed);
    } while (cursor.take(','));
    if (!cursor.take('}')) return bad("invalid_json", kMalformed);
  }
  return cursor.at_end() || bad("invalid_json", kMalformed);
}

}  // namespace lode::event
