#include "event/event_reader.h"

#include "event/event_fields.h"
#include "event/json_text.h"

namespace lode::event {
namespace {

std::string_view last_segment(std::string_view type) {
  size_t dot = type.rfind('.');
  return dot == std::string_view::npos ? type : type.substr(dot + 1);
}

}  // namespace

bool EventReader::read_event(JsonCursor& cursor, std::string_view contact, EventBatch& batch,
                             Problem& problem) {
  event_ = {};
  const char* begin = cursor.here();
  depth_left_ = limits_.nesting - 1;
  split_.clear();
  if (!read_object(cursor, nullptr, contact, batch, problem)) return false;
  event_.payload = {begin, static_cast<size_t>(cursor.value_end() - begin)};
  MemberReader reader(cursor, batch.arena, problem);
  return finish(nullptr, contact, batch, reader);
}

bool EventReader::read_object(JsonCursor& cursor, const Envelope* envelope, std::string_view contact,
                              EventBatch& batch, Problem& problem) {
  MemberReader reader(cursor, batch.arena, problem);
  if (cursor.peek() != '{') {
    JsonCursor probe = cursor;
    if (!probe.skip_value()) return reader.malformed();
    return reader.fail("invalid_type", {}, "Send each event as a JSON object.");
  }
  hash_ = {};
  nested_customer_ = {};
  nested_product_ = {};
  sent_time_ = false;
  event_.first_line = static_cast<uint32_t>(batch.lines.size());
  bool read = find_type(cursor, envelope, reader, event_.type) && read_members(reader, batch);
  if (read && !contact.empty()) read = read_contact_part(contact, envelope != nullptr, batch.arena, problem);
  if (!read) batch.lines.resize(event_.first_line);
  return read;
}

// The type decides which members are known, and it may stand anywhere: look for it first. It is mostly among
// the first.
bool EventReader::find_type(JsonCursor cursor, const Envelope* envelope, MemberReader& reader,
                            EventType& out) {
  std::string_view type;
  cursor.take('{');
  if (cursor.peek() == '"') {
    do {
      std::string_view name;
      if (!cursor.take_string(name) || !cursor.take(':')) return reader.malformed();
      if (cursor.may_have_escapes() && has_escape(name)) {
        std::string_view plain;
        if (!leaves_.text(name, plain)) return reader.malformed();
        name = plain;
      }
      if (name == "type") {
        std::string_view raw;
        if (cursor.peek() == '"') {
          if (!cursor.take_string(raw) || !leaves_.text(raw, type)) return reader.malformed();
        } else if (!cursor.take_null()) {
          return reader.fail("invalid_type", {"", -1, "type"},
                             "Send this member as a JSON string (in quotes).");
        }
        break;
      }
      if (!cursor.skip_value()) return reader.malformed();
    } while (cursor.take(','));
  }
  if (type.empty() && envelope != nullptr) type = last_segment(envelope->type);
  if (type.empty()) {
    return reader.fail("missing_field", {"", -1, "type"},
                       "Send `type`: purchase, refund, cancellation, customer or product.");
  }
  if (parse_event_type(type, out)) return true;
  return reader.fail("unknown_type", {"", -1, "type"},
                     "Use one of the types purchase, refund, cancellation, customer and product.");
}

bool EventReader::read_members(MemberReader& reader, EventBatch& batch) {
  JsonCursor& cursor = reader.cursor();
  const uint32_t known = fields_of(event_.type);
  uint32_t seen = 0;
  cursor.take('{');
  const char* kept_end = cursor.value_end();
  if (cursor.take('}')) return true;
  do {
    const char* name_begin = cursor.here();
    std::string_view name;
    if (!reader.name(name)) return false;
    Field field = field_of(name);
    const uint32_t mask = field == Field::unknown ? 0 : bit(field) & known;
    if (mask == 0) {
      if (!read_unknown(reader, ContentHash::member(ContentHash::kRoot, name), depth_left_)) return false;
    } else {
      if (seen & mask) return reader.twice({"", -1, name});
      seen |= mask;
      if (mask & kContactFields) {
        if (!read_contact_member(reader, name)) return false;
        const char* value_end = cursor.value_end();
        JsonCursor ahead = cursor;
        const char* next = ahead.take(',') ? ahead.here() : nullptr;
        split_.cut(ContactSplit::Owner::event, name_begin, value_end, next, kept_end);
        continue;
      }
      if (!read_known(field, name, reader, batch)) return false;
    }
    kept_end = cursor.value_end();
  } while (cursor.take(','));
  return cursor.take('}') || reader.malformed();
}

bool EventReader::read_known(Field field, std::string_view name, MemberReader& reader, EventBatch& batch) {
  const MemberPlace place{"", -1, name};
  constexpr int64_t kFar = 999'999'999'999'999'999;
  std::string_view type;
  bool sent;
  switch (field) {
    case Field::event_id:
      return reader.text(place, event_.event_id);
    case Field::type:
      return reader.text(place, type);
    case Field::occurred_at:
      return reader.time(place, event_.occurred_at, sent_time_);
    case Field::source:
      return reader.text(place, event_.source);
    case Field::order_id:
      return reader.text(place, event_.order_id);
    case Field::currency:
      return reader.text(place, event_.currency);
    case Field::channel:
      return reader.text(place, event_.channel);
    case Field::revision:
      return reader.integer(place, -kFar, kFar, event_.revision, sent);
    case Field::country:
      return reader.text(place,
                         event_.type == EventType::customer ? event_.customer.country : event_.country);
    case Field::customer_id:
      return reader.text(place, event_.customer.id);
    case Field::customer_type:
      return reader.text(place, event_.customer.type);
    case Field::sku:
      return reader.text(place, event_.product.sku);
    case Field::description:
      return reader.text(place, event_.product.description);
    case Field::category:
      return reader.text(place, event_.product.category);
    case Field::customer:
      return read_customer(reader);
    case Field::product:
      return read_product(reader);
    case Field::lines:
      return read_lines(reader, batch);
    default:
      return reader.malformed();
  }
}

bool EventReader::read_unknown(MemberReader& reader, uint64_t path, uint32_t depth) {
  switch (leaves_.add(reader.cursor(), path, depth, hash_)) {
    case JsonError::none:
      return true;
    case JsonError::malformed:
      return reader.malformed();
    case JsonError::too_deep:
      break;
  }
  return reader.fail("too_deep", {},
                     "Nest objects and arrays at most " + std::to_string(limits_.nesting) + " deep.");
}

// A field of an upsert may stand at the top level or in its object; not in both with different values.
bool EventReader::merge_alias(MemberReader& reader, std::string_view object, std::string_view name,
                              std::string_view nested, std::string_view& to) {
  if (nested.empty() || nested == to) return true;
  if (!to.empty()) {
    return reader.fail("duplicate_member", {object, -1, name},
                       "Send this field once; the one at the top level says something else.");
  }
  to = nested;
  return true;
}

bool EventReader::finish(const Envelope* envelope, std::string_view contact, EventBatch& batch,
                         MemberReader& reader) {
  Event& event = event_;
  event.line_count = static_cast<uint32_t>(batch.lines.size()) - event.first_line;
  auto done = [&](bool ok) {
    if (!ok) batch.lines.resize(event.first_line);
    return ok;
  };
  if (event.type != EventType::product) {
    if (!merge_alias(reader, "customer", "id", nested_customer_.id, event.customer.id) ||
        !merge_alias(reader, "customer", "type", nested_customer_.type, event.customer.type) ||
        !merge_alias(reader, "customer", "country", nested_customer_.country, event.customer.country)) {
      return done(false);
    }
  } else if (!merge_alias(reader, "product", "sku", nested_product_.sku, event.product.sku) ||
             !merge_alias(reader, "product", "description", nested_product_.description,
                          event.product.description) ||
             !merge_alias(reader, "product", "category", nested_product_.category, event.product.category)) {
    return done(false);
  }
  if (envelope != nullptr) {
    if (event.event_id.empty()) event.event_id = envelope->id;
    if (event.source.empty()) event.source = envelope->source;
  }
  std::span<const Line> lines(batch.lines.data() + event.first_line, event.line_count);
  if (!check_event(event, lines, {sent_time_}, limits_, reader.problem())) return done(false);
  hash_.add_fields(event, lines);
  event.content_hash = hash_.value();
  if (!split_.empty()) {
    event.payload = split_.payload(event.payload, batch.arena);
    event.contact = split_.contact(envelope != nullptr, batch.arena);
  } else {
    event.contact = contact;
  }
  batch.events.push_back(event);
  return true;
}

}  // namespace lode::event
