#include "event/flatbuffers.h"

#include "event/event_fields.h"
#include "event/event_reader.h"
#include "event/flatbuffers_root.h"
#include "schema/event_generated.h"

namespace lode::event {
namespace {

bool is_text(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return is_utf8(text);
  }
  return true;
}

class Reader {
 public:
  Reader(const Limits& limits, EventBatch& batch) : limits_(limits), batch_(batch) {}

  bool read(std::string_view bytes, std::string_view contact) {
    event_.first_line = static_cast<uint32_t>(batch_.lines.size());
    bool read = read_event(bytes) && (contact.empty() || read_contact(contact));
    if (!read) {
      batch_.lines.resize(event_.first_line);
      return false;
    }
    event_.format = Format::flatbuffers;
    event_.payload = bytes;
    event_.contact = contact;
    event_.content_hash = hash_.value();
    batch_.events.push_back(event_);
    return true;
  }
  Problem& problem() { return problem_; }

 private:
  bool fail(const char* code, const MemberPlace& place, std::string detail) {
    problem_ = {code, place.pointer(), std::move(detail)};
    return false;
  }

  template <typename Root>
  const Root* root_of(std::string_view bytes) {
    if (bytes.size() > limits_.event_bytes) {
      fail("too_large", {}, "Send at most " + std::to_string(limits_.event_bytes) + " bytes an event.");
      return nullptr;
    }
    const Root* root = flatbuffers_root<Root>(bytes, batch_.arena);
    if (root == nullptr) {
      fail("invalid_flatbuffer", {},
           "Send a FlatBuffers buffer of schema/event.fbs, complete and not changed.");
    }
    return root;
  }

  bool text(const flatbuffers::String* from, const MemberPlace& place, std::string_view& out) {
    if (from == nullptr) return true;
    out = {from->c_str(), from->size()};
    return is_text(out) || fail("invalid_value", place, "Send text as UTF-8.");
  }
  // A field that means nothing in this type of event counts as content all the same.
  bool unknown(const flatbuffers::String* from, std::string_view object, std::string_view name) {
    std::string_view value;
    if (!text(from, {object, -1, name}, value)) return false;
    uint64_t parent = object.empty() ? ContentHash::kRoot : ContentHash::customer();
    if (!value.empty()) hash_.add_text(ContentHash::member(parent, name), value);
    return true;
  }

  bool read_event(std::string_view bytes) {
    const auto* from = root_of<fb::Event>(bytes);
    if (from == nullptr) return false;
    if (from->type() == fb::EventType::none) {
      return fail("missing_field", {"", -1, "type"}, "Set `type`.");
    }
    if (from->type() > fb::EventType::MAX) {
      return fail("unknown_type", {"", -1, "type"},
                  "Use one of the types purchase, refund, cancellation, customer and product.");
    }
    event_.type = static_cast<EventType>(from->type());
    event_.occurred_at.value = from->occurred_at();
    if (!text(from->event_id(), {"", -1, "event_id"}, event_.event_id) ||
        !text(from->source(), {"", -1, "source"}, event_.source) || !read_order(*from) ||
        !read_customer(*from) || !read_product(*from) || !read_lines(*from) || !read_further(*from)) {
      return false;
    }
    std::span<const Line> lines(batch_.lines.data() + event_.first_line, event_.line_count);
    if (!check_event(event_, lines, {event_.occurred_at.value != 0}, limits_, problem_)) return false;
    hash_.add_fields(event_, lines);
    return true;
  }

  bool read_order(const fb::Event& from) {
    const uint32_t known = fields_of(event_.type);
    if (known & bit(Field::order_id)) {
      event_.revision = from.revision();
      return text(from.order_id(), {"", -1, "order_id"}, event_.order_id) &&
             text(from.currency(), {"", -1, "currency"}, event_.currency) &&
             text(from.channel(), {"", -1, "channel"}, event_.channel) &&
             text(from.country(), {"", -1, "country"}, event_.country);
    }
    if (from.revision() != 0) {
      hash_.add_integer(ContentHash::member(ContentHash::kRoot, "revision"), from.revision());
    }
    return unknown(from.order_id(), "", "order_id") && unknown(from.currency(), "", "currency") &&
           unknown(from.channel(), "", "channel") &&
           (event_.type == EventType::customer || unknown(from.country(), "", "country"));
  }

  bool read_customer(const fb::Event& from) {
    if (event_.type == EventType::product) {
      return unknown(from.customer_id(), "customer", "id") &&
             unknown(from.customer_type(), "customer", "type") &&
             unknown(from.customer_country(), "customer", "country");
    }
    Customer& customer = event_.customer;
    if (!text(from.customer_id(), {"", -1, "customer_id"}, customer.id) ||
        !text(from.customer_type(), {"", -1, "customer_type"}, customer.type) ||
        !text(from.customer_country(), {"", -1, "customer_country"}, customer.country)) {
      return false;
    }
    if (event_.type != EventType::customer) return true;
    std::string_view country;
    if (!text(from.country(), {"", -1, "country"}, country)) return false;
    if (customer.country.empty()) customer.country = country;
    return country.empty() || country == customer.country ||
           fail("duplicate_member", {"", -1, "country"},
                "Send this field once; `customer_country` says something else.");
  }

  bool read_product(const fb::Event& from) {
    if (event_.type != EventType::product) {
      return unknown(from.sku(), "", "sku") && unknown(from.description(), "", "description") &&
             unknown(from.category(), "", "category");
    }
    return text(from.sku(), {"", -1, "sku"}, event_.product.sku) &&
           text(from.description(), {"", -1, "description"}, event_.product.description) &&
           text(from.category(), {"", -1, "category"}, event_.product.category);
  }

  bool read_lines(const fb::Event& from) {
    if (from.lines() == nullptr) return true;
    const bool known = fields_of(event_.type) & bit(Field::lines);
    if (from.lines()->size() > limits_.lines_per_order) {
      return fail("too_many_lines", {"", -1, "lines"},
                  "Send at most " + std::to_string(limits_.lines_per_order) + " lines in one event.");
    }
    uint32_t index = 0;
    for (const fb::Line* from_line : *from.lines()) {
      Line line;
      if (!read_line(*from_line, index, line)) return false;
      if (known) {
        if (!check_line(event_.type, line, index, true, limits_, problem_)) return false;
        batch_.lines.push_back(line);
        ++event_.line_count;
      } else {
        hash_.add_line(ContentHash::element(ContentHash::lines(), index), line);
      }
      ++index;
    }
    return true;
  }

  bool read_line(const fb::Line& from, uint32_t index, Line& line) {
    line.quantity = from.quantity();
    line.has_unit_price = from.unit_price().has_value();
    if (line.has_unit_price) line.unit_price.micros = *from.unit_price();
    line.discount.micros = from.discount();
    if (line.quantity == INT32_MIN) {
      return fail("out_of_range", {"lines", index, "quantity"},
                  "Send an integer between -2147483647 and 2147483647.");
    }
    return text(from.sku(), {"lines", index, "sku"}, line.sku) &&
           text(from.description(), {"lines", index, "description"}, line.description) &&
           text(from.category(), {"lines", index, "category"}, line.category);
  }

  bool read_further(const fb::Event& from) {
    if (from.attributes() != nullptr) {
      for (const fb::Attribute* attribute : *from.attributes()) {
        const MemberPlace place{"", -1, "attributes"};
        std::string_view key, value;
        if (!text(attribute->key(), place, key) || !text(attribute->value(), place, value)) return false;
        hash_.add_text(ContentHash::member(ContentHash::attributes(), key), value);
      }
    }
    if (from.extra() == nullptr || from.extra()->size() == 0) return true;
    EventReader reader(limits_);
    return reader.read_extra({from.extra()->c_str(), from.extra()->size()}, event_.type, batch_.arena, hash_,
                             problem_);
  }

  bool read_contact(std::string_view bytes) {
    const auto* from = root_of<fb::Contact>(bytes);
    return from != nullptr && unknown(from->email(), "customer", "email") &&
           unknown(from->name(), "customer", "name") && unknown(from->phone(), "customer", "phone") &&
           unknown(from->address(), "customer", "address");
  }

  const Limits& limits_;
  EventBatch& batch_;
  Event event_;
  ContentHash hash_;
  Problem problem_;
};

}  // namespace

bool decode_flatbuffers(std::string_view bytes, std::string_view contact, uint32_t index,
                        const Limits& limits, EventBatch& batch) {
  Reader reader(limits, batch);
  bool read = reader.read(bytes, contact);
  ++batch.item_count;
  if (read) {
    batch.indexes.push_back(index);
  } else {
    batch.rejections.push_back({index, std::move(reader.problem())});
  }
  return read;
}

}  // namespace lode::event
