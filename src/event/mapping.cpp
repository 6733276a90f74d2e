#include "event/mapping.h"

#include <absl/time/time.h>
#include <toml++/toml.h>

#include <algorithm>
#include <stdexcept>

namespace lode::event {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view file) : file_(file) {}

  Mapping parse(const toml::table& root) {
    known(root, "", {"type", "group_by", "event_id", "time", "columns", "constants", "type_rules"});
    Mapping out;
    out.type = type_of(text(root, "type", "purchase"));
    out.group_by = text(root, "group_by", "");
    out.event_id = text(root, "event_id", "");
    template_pieces_checked(out.event_id);
    if (const auto* time = table(root, "time")) {
      known(*time, "time.", {"format", "zone"});
      out.time_format = text(*time, "format", "");
      out.time_zone = text(*time, "zone", "UTC");
      absl::TimeZone zone;
      if (!absl::LoadTimeZone(out.time_zone, &zone)) {
        fail("time.zone \"" + out.time_zone + "\" is no time zone this machine knows; write an IANA name.");
      }
    }
    if (const auto* columns = table(root, "columns")) fields(*columns, true, out);
    if (const auto* constants = table(root, "constants")) fields(*constants, false, out);
    if (out.fields.empty()) fail("`columns` is missing: name the column of each field.");
    if (const toml::node* rules = root.get("type_rules")) type_rules(*rules, out);
    finish(out);
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& sentence) const {
    throw std::runtime_error(std::string(file_) + ": " + sentence);
  }

  void known(const toml::table& table, const std::string& prefix, std::vector<std::string_view> names) const {
    for (const auto& [key, value] : table) {
      if (std::find(names.begin(), names.end(), key.str()) == names.end()) {
        fail("unknown key `" + prefix + std::string(key.str()) + "`.");
      }
    }
  }
  std::string text(const toml::table& table, std::string_view key, std::string_view otherwise) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::string(otherwise);
    if (!node->is_string()) fail("`" + std::string(key) + "` must be a string.");
    return node->as_string()->get();
  }
  const toml::table* table(const toml::table& root, std::string_view key) const {
    const toml::node* node = root.get(key);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) fail("`" + std::string(key) + "` must be a table.");
    return node->as_table();
  }
  EventType type_of(const std::string& name) const {
    EventType type;
    if (!parse_event_type(name, type)) fail("\"" + name + "\" is no event type.");
    return type;
  }
  void template_pieces_checked(const std::string& text) const {
    if (std::count(text.begin(), text.end(), '{') != std::count(text.begin(), text.end(), '}') ||
        template_pieces(text).size() % 2 == 0) {
      fail("close every brace of `event_id`.");
    }
  }

  // "customer.id" = "CustomerID": the member id of the object customer.
  void fields(const toml::table& table, bool columns, Mapping& out) const {
    for (const auto& [key, value] : table) {
      if (!value.is_string())
        fail("`" + std::string(key.str()) + "` must be a string; quote names with a dot.");
      std::string name(key.str());
      MappedField field;
      if (size_t dot = name.find('.'); dot != std::string::npos) {
        field.object = name.substr(0, dot);
        name.erase(0, dot + 1);
        constexpr std::string_view kObjects[] = {"customer", "product", "attributes", "lines"};
        if (std::find(std::begin(kObjects), std::end(kObjects), field.object) == std::end(kObjects)) {
          fail("`" + std::string(key.str()) +
               "`: only customer, product, attributes and lines have members.");
        }
      }
      if (name.empty() ||
          (field.object.empty() && (name == "type" || name == "event_id" || name == "lines"))) {
        fail("`" + std::string(key.str()) + "` can't be mapped like this.");
      }
      field.name = name;
      (columns ? field.column : field.constant) = value.as_string()->get();
      if (columns && field.column.empty()) fail("`" + std::string(key.str()) + "` names no column.");
      out.fields.push_back(std::move(field));
    }
  }

  void type_rules(const toml::node& node, Mapping& out) const {
    if (!node.is_array_of_tables()) fail("write each rule as [[type_rules]].");
    for (const toml::node& element : *node.as_array()) {
      const toml::table& rule = *element.as_table();
      known(rule, "type_rules.", {"column", "prefix", "type"});
      out.type_rules.push_back(
          {text(rule, "column", ""), text(rule, "prefix", ""), type_of(text(rule, "type", ""))});
      if (out.type_rules.back().column.empty()) fail("a type rule needs a `column`.");
    }
  }

  // Without these every row would be rejected.
  void needed(const Mapping& mapping, EventType type) const {
    auto mapped = [&](std::string_view object, std::string_view name) {
      return std::any_of(mapping.fields.begin(), mapping.fields.end(), [&](const MappedField& field) {
        return field.object == object && field.name == name;
      });
    };
    auto need = [&](bool there, std::string_view name) {
      if (!there)
        fail("map `" + std::string(name) + "`: every " + std::string(to_string(type)) + " event needs it.");
    };
    bool purchase = type == EventType::purchase, refund = type == EventType::refund;
    if (purchase || refund || type == EventType::cancellation) need(mapped("", "order_id"), "order_id");
    if (purchase) need(mapped("", "currency"), "currency");
    if (purchase || refund) {
      need(mapped("lines", "sku"), "lines.sku");
      need(mapped("lines", "quantity"), "lines.quantity");
    }
    if (purchase) need(mapped("lines", "unit_price"), "lines.unit_price");
    if (type == EventType::customer)
      need(mapped("", "customer_id") || mapped("customer", "id"), "customer_id");
    if (type == EventType::product) need(mapped("", "sku") || mapped("product", "sku"), "sku");
  }

  void finish(Mapping& out) const {
    std::stable_sort(out.fields.begin(), out.fields.end(),
                     [](const MappedField& a, const MappedField& b) { return a.object < b.object; });
    auto is = [](std::string_view object, std::string_view name) {
      return [=](const MappedField& field) { return field.object == object && field.name == name; };
    };
    for (auto field = out.fields.begin(); field != out.fields.end(); ++field) {
      if (std::count_if(out.fields.begin(), out.fields.end(), is(field->object, field->name)) > 1) {
        fail("`" + field->name + "` is mapped twice.");
      }
    }
    auto time = std::find_if(out.fields.begin(), out.fields.end(), is("", "occurred_at"));
    if (time == out.fields.end()) fail("map `occurred_at`.");
    needed(out, out.type);
    for (const TypeRule& rule : out.type_rules) needed(out, rule.type);
    if (!time->column.empty() && out.time_format.empty()) fail("`time.format` is missing.");
    if (out.event_id.empty()) fail("`event_id` is missing: make it from columns, such as \"file/{Column}\".");
  }

  std::string_view file_;
};

}  // namespace

Mapping parse_mapping(std::string_view text, std::string_view file) {
  try {
    return Parser(file).parse(toml::parse(text, file));
  } catch (const toml::parse_error& error) {
    throw std::runtime_error(std::string(file) + ", line " + std::to_string(error.source().begin.line) +
                             ": " + std::string(error.description()));
  }
}

std::vector<std::string> template_pieces(std::string_view text) {
  std::vector<std::string> out(1);
  for (char c : text) {
    bool inside = out.size() % 2 == 0;
    if (c == (inside ? '}' : '{')) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

std::vector<std::string> columns_of(const Mapping& mapping) {
  std::vector<std::string> out;
  auto add = [&](const std::string& column) {
    if (!column.empty() && std::find(out.begin(), out.end(), column) == out.end()) out.push_back(column);
  };
  add(mapping.group_by);
  for (const MappedField& field : mapping.fields) add(field.column);
  for (const TypeRule& rule : mapping.type_rules) add(rule.column);
  std::vector<std::string> pieces = template_pieces(mapping.event_id);
  for (size_t i = 1; i < pieces.size(); i += 2) add(pieces[i]);
  return out;
}

}  // namespace lode::event
