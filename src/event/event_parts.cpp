// EventReader's objects below the top level: customer, product, lines, contact.
#include "event/event_reader.h"

namespace lode::event {
namespace {

constexpr int64_t kQuantityLimit = 2'147'483'647;

// A line's members as bits.
enum LineField : uint32_t {
  kLineUnknown = 0,
  kLineSku = 1,
  kLineDescription = 2,
  kLineCategory = 4,
  kLineQuantity = 8,
  kLineUnitPrice = 16,
  kLineDiscount = 32,
};

LineField line_field(std::string_view name) {
  switch (name.size()) {
    case 3:
      return name == "sku" ? kLineSku : kLineUnknown;
    case 8:
      return name == "quantity"   ? kLineQuantity
             : name == "discount" ? kLineDiscount
             : name == "category" ? kLineCategory
                                  : kLineUnknown;
    case 10:
      return name == "unit_price" ? kLineUnitPrice : kLineUnknown;
    case 11:
      return name == "description" ? kLineDescription : kLineUnknown;
    default:
      return kLineUnknown;
  }
}

uint32_t less(uint32_t depth, uint32_t by) { return depth > by ? depth - by : 0; }

}  // namespace

bool EventReader::read_customer(MemberReader& reader) {
  JsonCursor& cursor = reader.cursor();
  const bool known = event_.type != EventType::product;
  if (!cursor.take('{')) {
    if (!known) return read_unknown(reader, ContentHash::customer(), depth_left_);
    if (cursor.take_null()) return true;
    return reader.fail("invalid_type", {"", -1, "customer"}, "Send `customer` as a JSON object.");
  }
  const char* kept_end = cursor.value_end();
  if (cursor.take('}')) return true;
  uint32_t seen = 0;
  do {
    const char* name_begin = cursor.here();
    std::string_view name;
    if (!reader.name(name)) return false;
    uint32_t mask = 0;
    std::string_view* field = nullptr;
    if (known && name == "id") {
      mask = 1, field = &nested_customer_.id;
    } else if (known && name == "type") {
      mask = 2, field = &nested_customer_.type;
    } else if (known && name == "country") {
      mask = 4, field = &nested_customer_.country;
    } else if (is_contact_member(name)) {
      mask = bit(field_of(name));
    }
    if (seen & mask) return reader.twice({"customer", -1, name});
    seen |= mask;
    if (field != nullptr) {
      if (!reader.text({"customer", -1, name}, *field)) return false;
    } else if (mask != 0) {
      if (!read_contact_member(reader, name)) return false;
      const char* value_end = cursor.value_end();
      JsonCursor ahead = cursor;
      const char* next = ahead.take(',') ? ahead.here() : nullptr;
      split_.cut(ContactSplit::Owner::customer, name_begin, value_end, next, kept_end);
      continue;
    } else if (!read_unknown(reader, ContentHash::member(ContentHash::customer(), name),
                             less(depth_left_, 1))) {
      return false;
    }
    kept_end = cursor.value_end();
  } while (cursor.take(','));
  return cursor.take('}') || reader.malformed();
}

bool EventReader::read_product(MemberReader& reader) {
  JsonCursor& cursor = reader.cursor();
  if (!cursor.take('{')) {
    if (cursor.take_null()) return true;
    return reader.fail("invalid_type", {"", -1, "product"}, "Send `product` as a JSON object.");
  }
  if (cursor.take('}')) return true;
  uint32_t seen = 0;
  do {
    std::string_view name;
    if (!reader.name(name)) return false;
    Field field = field_of(name);
    std::string_view* to = field == Field::sku           ? &nested_product_.sku
                           : field == Field::description ? &nested_product_.description
                           : field == Field::category    ? &nested_product_.category
                                                         : nullptr;
    if (to == nullptr) {
      uint64_t path = ContentHash::member(ContentHash::product(), name);
      if (!read_unknown(reader, path, less(depth_left_, 1))) return false;
      continue;
    }
    if (seen & bit(field)) return reader.twice({"product", -1, name});
    seen |= bit(field);
    if (!reader.text({"product", -1, name}, *to)) return false;
  } while (cursor.take(','));
  return cursor.take('}') || reader.malformed();
}

bool EventReader::read_lines(MemberReader& reader, EventBatch& batch) {
  JsonCursor& cursor = reader.cursor();
  if (!cursor.take('[')) {
    if (cursor.take_null()) return true;
    return reader.fail("invalid_type", {"", -1, "lines"}, "Send `lines` as a JSON array of objects.");
  }
  if (cursor.take(']')) return true;
  uint32_t index = 0;
  do {
    if (index == limits_.lines_per_order) {
      return reader.fail("too_many_lines", {"", -1, "lines"},
                         "Send at most " + std::to_string(limits_.lines_per_order) + " lines in one event.");
    }
    batch.lines.emplace_back();
    if (!read_line(reader, index++, batch.lines.back())) return false;
  } while (cursor.take(','));
  return cursor.take(']') || reader.malformed();
}

bool EventReader::read_line(MemberReader& reader, uint32_t index, Line& line) {
  JsonCursor& cursor = reader.cursor();
  if (!cursor.take('{')) {
    return reader.fail("invalid_type", {"lines", index, ""}, "Send each line as a JSON object.");
  }
  uint32_t seen = 0;
  bool sent_quantity = false, sent_discount;
  if (!cursor.take('}')) {
    do {
      std::string_view name;
      if (!reader.name(name)) return false;
      const uint32_t mask = line_field(name);
      const MemberPlace place{"lines", index, name};
      if (seen & mask) return reader.twice(place);
      seen |= mask;
      int64_t value = 0;
      bool read = false;
      switch (mask) {
        case kLineSku:
          read = reader.text(place, line.sku);
          break;
        case kLineDescription:
          read = reader.text(place, line.description);
          break;
        case kLineCategory:
          read = reader.text(place, line.category);
          break;
        case kLineUnitPrice:
          read = reader.money(place, line.unit_price, line.has_unit_price);
          break;
        case kLineDiscount:
          read = reader.money(place, line.discount, sent_discount);
          break;
        case kLineQuantity:
          read = reader.integer(place, -kQuantityLimit, kQuantityLimit, value, sent_quantity);
          line.quantity = static_cast<int32_t>(value);
          break;
        default:
          uint64_t path = ContentHash::element(ContentHash::lines(), index);
          read = read_unknown(reader, ContentHash::member(path, name), less(depth_left_, 2));
      }
      if (!read) return false;
    } while (cursor.take(','));
    if (!cursor.take('}')) return reader.malformed();
  }
  return check_line(event_.type, line, index, sent_quantity, limits_, reader.problem());
}

// Contact data has one path wherever it stood, that of the customer, as FlatBuffers' Contact has.
bool EventReader::read_contact_member(MemberReader& reader, std::string_view name) {
  JsonCursor& cursor = reader.cursor();
  JsonCursor ahead = cursor;
  std::string_view text;
  if (cursor.take_null()) return true;
  if (ahead.take_string(text) && text.empty()) {
    cursor = ahead;
    return true;
  }
  return read_unknown(reader, ContentHash::member(ContentHash::customer(), name), less(depth_left_, 1));
}

bool EventReader::read_contact_part(std::string_view contact, bool inside_data, Arena& arena,
                                    Problem& problem) {
  if (!contact_structure_.scan(contact)) {
    problem = {"invalid_json", "", "The contact part of the record is not valid JSON."};
    return false;
  }
  auto tokens = contact_structure_.tokens();
  JsonCursor cursor(contact.data(), tokens.data(), tokens.data() + tokens.size());
  MemberReader reader(cursor, arena, problem);
  std::string_view name;
  auto members = [&](auto&& read_member) {
    if (!cursor.take('{')) return reader.malformed();
    if (cursor.take('}')) return true;
    do {
      if (!reader.name(name) || !read_member()) return false;
    } while (cursor.take(','));
    return cursor.take('}') || reader.malformed();
  };
  auto leaf = [&] { return read_contact_member(reader, name); };
  auto leaf_or_customer = [&] { return name == "customer" ? members(leaf) : leaf(); };
  bool read = inside_data ? members([&] { return members(leaf_or_customer); }) : members(leaf_or_customer);
  return read && (cursor.at_end() || reader.malformed());
}

}  // namespace lode::event
