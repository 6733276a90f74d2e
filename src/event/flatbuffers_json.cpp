#include "event/flatbuffers_json.h"

#include "event/event.h"
#include "event/flatbuffers_root.h"
#include "event/json_text.h"
#include "schema/event_generated.h"

namespace lode::event {

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

// Writes one JSON object, member by member; empty text and default numbers are left out, as they mean "not
// sent".
class ObjectWriter {
 public:
  void text(const char* name, const flatbuffers::String* value) {
    if (value && value->size() > 0) raw(name, quoted({value->c_str(), value->size()}));
  }
  void raw(const char* name, const std::string& json) {
    out_ += (out_.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":" + json;
  }
  // Members of another object's text, braces left out.
  void members_of(std::string_view object) {
    size_t from = object.find('{'), to = object.rfind('}');
    if (from == std::string_view::npos || to == std::string_view::npos || to <= from) return;
    std::string_view inner = object.substr(from + 1, to - from - 1);
    if (inner.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
    if (out_.size() > 1) out_ += ',';
    out_ += inner;
  }
  bool empty() const { return out_.size() == 1; }
  std::string done() { return out_ + '}'; }

 private:
  std::string out_ = "{";
};

std::string quoted_money(int64_t micros) { return '"' + format_money(micros, 0) + '"'; }

std::string lines_json(const fb::Event& event) {
  std::string lines = "[";
  for (const fb::Line* line : *event.lines()) {
    ObjectWriter object;
    object.text("sku", line->sku());
    object.text("description", line->description());
    object.text("category", line->category());
    object.raw("quantity", std::to_string(line->quantity()));
    if (line->unit_price()) object.raw("unit_price", quoted_money(*line->unit_price()));
    if (line->discount() != 0) object.raw("discount", quoted_money(line->discount()));
    if (lines.size() > 1) lines += ',';
    lines += object.done();
  }
  return lines + ']';
}

std::string attributes_json(const fb::Event& event) {
  ObjectWriter object;
  for (const fb::Attribute* attribute : *event.attributes())
    if (attribute->key()) {
      std::string key = quoted(attribute->key()->str());
      std::string value = attribute->value() ? quoted(attribute->value()->str()) : "\"\"";
      object.members_of("{" + key + ":" + value + "}");
    }
  return object.done();
}

}  // namespace

std::string event_json_of_flatbuffers(std::string_view bytes) {
  Arena arena;
  const auto* event = flatbuffers_root<fb::Event>(bytes, arena);
  if (!event) return "null";
  ObjectWriter object;
  object.text("event_id", event->event_id());
  object.raw("type", quoted(to_string(static_cast<EventType>(event->type()))));
  object.text("source", event->source());
  object.raw("occurred_at", '"' + format_rfc3339({event->occurred_at()}) + '"');
  object.text("order_id", event->order_id());
  object.text("currency", event->currency());
  object.text("channel", event->channel());
  object.text("country", event->country());
  if (event->revision() != 0) object.raw("revision", std::to_string(event->revision()));
  ObjectWriter customer;
  customer.text("id", event->customer_id());
  customer.text("type", event->customer_type());
  customer.text("country", event->customer_country());
  if (!customer.empty()) object.raw("customer", customer.done());
  object.text("sku", event->sku());
  object.text("description", event->description());
  object.text("category", event->category());
  if (event->lines()) object.raw("lines", lines_json(*event));
  if (event->attributes() && event->attributes()->size() > 0)
    object.raw("attributes", attributes_json(*event));
  if (event->extra()) object.members_of({event->extra()->c_str(), event->extra()->size()});
  return object.done();
}

std::string contact_json_of_flatbuffers(std::string_view bytes) {
  Arena arena;
  const auto* contact = flatbuffers_root<fb::Contact>(bytes, arena);
  if (!contact) return "null";
  ObjectWriter object;
  object.text("email", contact->email());
  object.text("name", contact->name());
  object.text("phone", contact->phone());
  object.text("address", contact->address());
  return R"({"customer":)" + object.done() + '}';
}

}  // namespace lode::event
