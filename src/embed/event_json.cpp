// The typed events as the JSON that a client would post.
#include "event/json_text.h"
#include "event/money.h"
#include "event/time.h"
#include "lode/event.h"

namespace lode {
namespace {

// The members of one object; texts that are empty are left out.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  void close() { out_ += '}'; }

  std::string& name(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    event::append_quoted(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view member, std::string_view text) {
    if (!text.empty()) event::append_quoted(name(member), text);
  }
  void number(std::string_view member, std::int64_t value) { name(member) += std::to_string(value); }
  void money(std::string_view member, Money value) {
    event::append_quoted(name(member), event::format_money(value.micros, 2));
  }
  void contact(const Contact& contact) {
    text("email", contact.email);
    text("name", contact.name);
    text("phone", contact.phone);
    text("address", contact.address);
  }
  void head(std::string_view type, const Identity& identity, Time occurred_at) {
    text("event_id", identity.event_id);
    text("type", type);
    text("occurred_at", event::format_rfc3339({occurred_at.time_since_epoch().count()}));
    text("source", identity.source);
  }
  void lines(const std::vector<Line>& lines) {
    name("lines") += '[';
    for (const Line& line : lines) {
      if (out_.back() != '[') out_ += ',';
      Object object(out_);
      object.text("sku", line.sku);
      object.text("description", line.description);
      object.text("category", line.category);
      object.number("quantity", line.quantity);
      if (line.unit_price) object.money("unit_price", *line.unit_price);
      if (line.discount.micros != 0) object.money("discount", line.discount);
      object.close();
    }
    out_ += ']';
  }

 private:
  std::string& out_;
};

void write(const Buyer& buyer, Object& to, std::string& out) {
  to.name("customer");
  Object customer(out);
  customer.text("id", buyer.id);
  customer.text("type", buyer.type);
  customer.text("country", buyer.country);
  customer.contact(buyer.contact);
  customer.close();
}

struct Writer {
  std::string& out;

  void operator()(const Purchase& event) const {
    Object object(out);
    object.head("purchase", event.identity, event.occurred_at);
    object.text("order_id", event.order_id);
    object.text("currency", event.currency);
    object.text("channel", event.channel);
    object.text("country", event.country);
    if (event.revision != 0) object.number("revision", event.revision);
    write(event.customer, object, out);
    object.lines(event.lines);
    object.close();
  }
  void operator()(const Refund& event) const {
    Object object(out);
    object.head("refund", event.identity, event.occurred_at);
    object.text("order_id", event.order_id);
    object.lines(event.lines);
    object.close();
  }
  void operator()(const Cancellation& event) const {
    Object object(out);
    object.head("cancellation", event.identity, event.occurred_at);
    object.text("order_id", event.order_id);
    object.close();
  }
  void operator()(const CustomerUpdate& event) const {
    Object object(out);
    object.head("customer", event.identity, event.occurred_at);
    object.text("customer_id", event.customer_id);
    object.text("customer_type", event.type);
    object.text("country", event.country);
    object.contact(event.contact);
    object.close();
  }
  void operator()(const ProductUpdate& event) const {
    Object object(out);
    object.head("product", event.identity, event.occurred_at);
    object.text("sku", event.sku);
    object.text("description", event.description);
    object.text("category", event.category);
    object.close();
  }
};

}  // namespace

std::string to_json(const Event& event) {
  std::string out;
  std::visit(Writer{out}, event);
  return out;
}

}  // namespace lode
