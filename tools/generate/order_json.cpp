#include <cstdio>

#include "event/money.h"
#include "generate/json_text.h"
#include "generate/order.h"

namespace lode::generate {
namespace {

std::string cents(int64_t value) { return event::format_money(event::Int128{value} * 10'000, 2); }

void open_event(JsonText& json, std::string_view event_id, std::string_view type, std::string_view time,
                std::string_view source) {
  json.begin_object().text("event_id", event_id).text("type", type).text("occurred_at", time);
  json.text("source", source);
}

void write_lines(JsonText& json, const Order& order) {
  json.begin_array("lines");
  for (const OrderLine& line : order.lines) {
    json.begin_object().text("sku", line.sku);
    if (!line.description.empty()) json.text("description", line.description);
    json.text("category", line.category).number("quantity", line.quantity);
    json.text("unit_price", cents(line.price_cents));
    if (line.discount_cents != 0) json.text("discount", cents(line.discount_cents));
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string local_time(event::Micros time, int utc_minutes) {
  int64_t seconds = time.value / 1'000'000 + utc_minutes * 60;
  int64_t day = seconds / 86'400;
  if (seconds % 86'400 < 0) day--;
  int rest = static_cast<int>(seconds - day * 86'400);
  char text[40];
  std::snprintf(text, sizeof text, "T%02d:%02d:%02d", rest / 3600, rest / 60 % 60, rest % 60);
  std::string out = event::format_day(event::Day{static_cast<int32_t>(day)}) + text;
  if (utc_minutes == 0) return out + "Z";
  int distance = utc_minutes < 0 ? -utc_minutes : utc_minutes;
  std::snprintf(text, sizeof text, "%c%02d:%02d", utc_minutes < 0 ? '-' : '+', distance / 60, distance % 60);
  return out + text;
}

std::string purchase_json(const Order& order, std::string_view event_id) {
  std::string out;
  JsonText json(out);
  open_event(json, event_id, "purchase", local_time(order.time, order.utc_minutes), order.channel);
  json.text("order_id", order.id).text("currency", order.currency).text("channel", order.channel);
  if (order.revision != 0) json.number("revision", order.revision);
  if (order.buyer) {
    json.begin_object("customer").text("id", order.buyer->id);
    if (order.buyer->wholesale) json.text("type", "wholesale");
    if (!order.country.empty()) json.text("country", order.country);
    if (order.buyer->has_contact) json.text("email", order.buyer->email).text("name", order.buyer->name);
    json.end_object();
  } else if (!order.country.empty()) {
    json.text("country", order.country);
  }
  write_lines(json, order);
  if (order.coupon) json.begin_object("attributes").text("coupon", "WELCOME10").end_object();
  if (order.session) json.text("session", "s" + order.id);
  json.end_object();
  return out;
}

std::string refund_json(const Order& order, std::string_view event_id, event::Micros time, bool with_price) {
  std::string out;
  JsonText json(out);
  open_event(json, event_id, "refund", local_time(time, order.utc_minutes), "backoffice");
  json.text("order_id", order.id).begin_array("lines").begin_object();
  const OrderLine* sold = &order.lines.front();
  for (const OrderLine& line : order.lines) {
    if (line.quantity > 0 && line.price_cents > 0) {
      sold = &line;
      break;
    }
  }
  json.text("sku", sold->sku).number("quantity", 1);
  if (with_price) json.text("unit_price", cents(sold->price_cents));
  json.end_object().end_array().end_object();
  return out;
}

std::string cancellation_json(const Order& order, std::string_view event_id, event::Micros time) {
  std::string out;
  JsonText json(out);
  open_event(json, event_id, "cancellation", local_time(time, order.utc_minutes), "backoffice");
  json.text("order_id", order.id).end_object();
  return out;
}

std::string product_json(const Product& product, std::string_view event_id, event::Micros time) {
  std::string out;
  JsonText json(out);
  open_event(json, event_id, "product", local_time(time, 0), "inventory");
  json.text("sku", product.sku).text("description", product.description).text("category", product.category);
  json.end_object();
  return out;
}

std::string customer_json(const Buyer& buyer, std::string_view event_id, event::Micros time) {
  std::string out;
  JsonText json(out);
  open_event(json, event_id, "customer", local_time(time, buyer.country->utc_minutes), "crm");
  json.begin_object("customer").text("id", buyer.id);
  if (buyer.wholesale) json.text("type", "wholesale");
  json.text("country", buyer.country->name);
  if (buyer.has_contact) json.text("email", buyer.email).text("name", buyer.name);
  json.end_object().end_object();
  return out;
}

}  // namespace lode::generate
