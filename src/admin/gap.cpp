#include "admin/gap.h"

#include <stdexcept>

#include "event/json_text.h"
#include "event/time.h"

namespace lode::admin {

namespace {

void append_member(std::string& out, const char* name, std::string_view text) {
  if (text.empty()) return;
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
  event::append_quoted(out, text);
}

std::shared_ptr<Gap> gap_with(const event::Event& event, const store::Hash96& key) {
  auto gap = std::make_shared<Gap>();
  gap->view.retry_of = event.retry_of;
  gap->view.gap = record::GapKeys{key.high, key.low, event.content_hash};
  return gap;
}

std::shared_ptr<const Gap> finished(std::shared_ptr<Gap> gap) {
  gap->view.payload = gap->payload;
  gap->view.contact = gap->contact;
  return gap;
}

}  // namespace

std::shared_ptr<const Gap> gap_of_upsert(const event::Event& event, const store::Hash96& key) {
  const bool customer = event.type == event::EventType::customer;
  if (!customer && event.type != event::EventType::product)
    throw std::logic_error("an upsert is a customer or a product event");
  auto gap = gap_with(event, key);
  std::string& out = gap->payload;
  out = R"({"event_id":"-")";
  append_member(out, "type", event::to_string(event.type));
  append_member(out, "occurred_at", event::format_rfc3339(event.occurred_at));
  append_member(out, "source", event.source);
  if (customer) {
    append_member(out, "customer_id", event.customer.id);
    append_member(out, "customer_type", event.customer.type);
    append_member(out, "country", event.customer.country);
  } else {
    append_member(out, "sku", event.product.sku);
    append_member(out, "description", event.product.description);
    append_member(out, "category", event.product.category);
  }
  out += '}';
  if (!event.contact.empty()) gap->contact = R"({"email":"-"})";
  return finished(std::move(gap));
}

std::shared_ptr<const Gap> gap_of_repeated(const event::Event& event, const store::Hash96& key) {
  auto gap = gap_with(event, key);
  gap->payload =
      R"({"event_id":"-","type":"cancellation","occurred_at":"1970-01-01T00:00:00Z","order_id":"-"})";
  return finished(std::move(gap));
}

}  // namespace lode::admin
