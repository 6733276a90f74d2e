#include "silver/upserts.h"

namespace lode::silver {

using store::Domain;

void upsert_customer(const event::Event& event, const CleanEvent& clean, uint64_t offset, Interner& intern,
                     Tables& tables) {
  uint32_t number = intern(Domain::customer, event.customer.id);
  std::optional<CustomerRow> before = tables.get_customer(number);
  CustomerRow row = before.value_or(CustomerRow{});
  event::Micros at = event.occurred_at;
  bool news = row.source.offer(intern(Domain::source, event.source), at, offset);
  if (!event.customer.type.empty()) {
    news |= row.type.offer(intern(Domain::customer_type, event.customer.type), at, offset);
  }
  if (clean.country != 0 && row.country.offer(clean.country, at, offset)) {
    news = true;
    row.rules = clean.rules;
  }
  if (!event.contact.empty()) news |= row.contact.offer(true, at, offset);
  if (!news) return;
  tables.put_customer(number, before, row);
}

void upsert_product(const event::Event& event, const CleanEvent& clean, uint64_t offset, Interner& intern,
                    Tables& tables) {
  uint32_t sku = intern(Domain::sku, clean.sku);
  std::optional<ProductRow> before = tables.get_product(sku);
  ProductRow row = before.value_or(ProductRow{});
  event::Micros at = event.occurred_at;
  bool news = row.source.offer(intern(Domain::source, event.source), at, offset);
  if (!clean.description.empty()) {
    news |= row.description.offer(std::string(clean.description), at, offset);
  }
  if (!clean.category.empty())
    news |= row.category.offer(intern(Domain::category, clean.category), at, offset);
  if (!news) return;
  row.rules |= clean.rules;
  tables.put_product(sku, before, row);
}

}  // namespace lode::silver
