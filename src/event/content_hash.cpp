#include "event/content_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "event/json_text.h"

namespace lode::event {
namespace {

uint64_t mix(uint64_t x) {
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93;
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93;
  return x ^ x >> 32;
}

// Kinds of values, so that "1" is not 1.
constexpr uint64_t kNumber = 0xA24BAED4963EE407, kMoney = 0x9FB21C651E98DF25, kTime = 0xC2B2AE3D27D4EB4F,
                   kLiteral = 0x165667B19E3779F9;

uint64_t path_of(uint64_t parent, std::string_view name) { return ContentHash::member(parent, name); }

struct Paths {
  uint64_t root = ContentHash::kRoot;
  uint64_t type = path_of(root, "type"), occurred_at = path_of(root, "occurred_at"),
           order_id = path_of(root, "order_id"), currency = path_of(root, "currency"),
           channel = path_of(root, "channel"), country = path_of(root, "country"),
           revision = path_of(root, "revision"), lines = path_of(root, "lines"),
           attributes = path_of(root, "attributes");
  uint64_t customer = path_of(root, "customer"), customer_id = path_of(customer, "id"),
           customer_type = path_of(customer, "type"), customer_country = path_of(customer, "country");
  uint64_t product = path_of(root, "product"), product_sku = path_of(product, "sku"),
           product_description = path_of(product, "description"),
           product_category = path_of(product, "category");
  // Of a line: added to the line's own path, which is already well mixed.
  uint64_t sku = path_of(lines, "sku"), description = path_of(lines, "description"),
           category = path_of(lines, "category"), quantity = path_of(lines, "quantity"),
           unit_price = path_of(lines, "unit_price"), discount = path_of(lines, "discount");
};
const Paths kPaths;

}  // namespace

uint64_t ContentHash::member(uint64_t parent, std::string_view name) {
  return XXH3_64bits_withSeed(name.data(), name.size(), parent);
}
uint64_t ContentHash::element(uint64_t parent, uint64_t index) {
  return mix(parent + (index + 1) * 0x9E3779B97F4A7C15);
}
uint64_t ContentHash::customer() { return kPaths.customer; }
uint64_t ContentHash::product() { return kPaths.product; }
uint64_t ContentHash::lines() { return kPaths.lines; }
uint64_t ContentHash::attributes() { return kPaths.attributes; }

void ContentHash::add_text(uint64_t path, std::string_view text) {
  sum_ += XXH3_64bits_withSeed(text.data(), text.size(), path);
}
void ContentHash::add_number(uint64_t path, const Decimal& value) {
  uint64_t exponent = static_cast<uint64_t>(value.exponent) << 1 | (value.negative ? 1 : 0);
  sum_ += mix(mix(path ^ kNumber) + mix(value.digits) + exponent * 0x9E3779B97F4A7C15);
}
void ContentHash::add_integer(uint64_t path, int64_t value) {
  Decimal decimal;
  parse_decimal(std::to_string(value), decimal);
  add_number(path, decimal);
}
void ContentHash::add_literal(uint64_t path, char first) {
  sum_ += mix(mix(path ^ kLiteral) + static_cast<unsigned char>(first));
}

void ContentHash::add_fields(const Event& event, std::span<const Line> lines) {
  auto add = [&](uint64_t path, std::string_view text) {
    if (!text.empty()) add_text(path, text);
  };
  const Paths& paths = kPaths;
  sum_ += mix(paths.type + static_cast<uint64_t>(event.type));
  sum_ += mix(mix(static_cast<uint64_t>(event.occurred_at.value) ^ kTime) + paths.occurred_at);
  if (event.revision != 0) sum_ += mix(mix(static_cast<uint64_t>(event.revision) ^ kNumber) + paths.revision);
  add(paths.order_id, event.order_id);
  add(paths.currency, event.currency);
  add(paths.channel, event.channel);
  add(paths.country, event.country);
  add(paths.customer_id, event.customer.id);
  add(paths.customer_type, event.customer.type);
  add(paths.customer_country, event.customer.country);
  add(paths.product_sku, event.product.sku);
  add(paths.product_description, event.product.description);
  add(paths.product_category, event.product.category);
  for (size_t i = 0; i < lines.size(); ++i) add_line(element(paths.lines, i), lines[i]);
}

void ContentHash::add_line(uint64_t path, const Line& line) {
  const Paths& paths = kPaths;
  auto money = [&](uint64_t at, Money value) {
    sum_ += mix(mix(static_cast<uint64_t>(value.micros) ^ kMoney) + at);
  };
  if (!line.sku.empty()) add_text(path + paths.sku, line.sku);
  if (!line.description.empty()) add_text(path + paths.description, line.description);
  if (!line.category.empty()) add_text(path + paths.category, line.category);
  sum_ += mix(mix(static_cast<uint64_t>(line.quantity) ^ kNumber) + path + paths.quantity);
  if (line.has_unit_price) money(path + paths.unit_price, line.unit_price);
  if (line.discount.micros != 0) money(path + paths.discount, line.discount);
}

uint64_t ContentHash::value() const { return mix(sum_); }

}  // namespace lode::event
