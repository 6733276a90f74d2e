// Random streams of events in which everything that can happen to an order happens often.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "event/money.h"
#include "event/time.h"
#include "property/silver_twin.h"

namespace lode::twin {

class Stream {
 public:
  explicit Stream(uint32_t seed) : random_(seed) {}

  int below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  template <typename T>
  void shuffle(std::vector<T>& items) {
    std::shuffle(items.begin(), items.end(), random_);
  }

  Event event() {
    Event event;
    event.id = "e" + std::to_string(serial_++);
    event.day = 1 + below(28);
    int kind = below(20);
    if (kind == 0) {
      event.type = "customer";
      event.customer = "c" + std::to_string(below(5));
      if (below(2)) event.country = below(2) ? "ES" : "IT";
      if (below(2)) event.customer_type = "wholesale";
      return event;
    }
    event.order = "o" + std::to_string(below(12));
    event.type = kind < 10 ? "purchase" : kind < 19 ? "refund" : below(3) == 0 ? "cancellation" : "refund";
    if (event.type == "cancellation") return event;
    for (int n = 1 + below(3); n > 0; --n) event.lines.push_back(line(event.type == "purchase"));
    if (event.type == "refund") return event;
    event.revision = below(6);
    if (below(20) == 0) event.currency = "QQQ";
    if (below(4)) event.customer = "c" + std::to_string(below(5));
    if (!event.customer.empty() && below(6) == 0) event.customer_type = "retail";
    if (below(2)) event.country = below(2) ? "GB" : "FR";
    return event;
  }

 private:
  Line line(bool purchase) {
    static const std::vector<std::string> skus{"A", "B", "POST"};
    Line line;
    line.sku = skus[static_cast<size_t>(below(3))];
    line.quantity = 1 + below(purchase ? 9 : 3);
    if (!purchase) {
      if (below(4) == 0) line.price = below(5) * 1'000'000;
      return line;
    }
    if (below(6) == 0) line.quantity = -line.quantity;
    if (below(40) == 0) line.quantity = 0;
    line.price = below(5) == 0 ? 0 : below(40) == 0 ? -1 : 1 + below(9'000'000);
    line.discount = below(3) == 0 ? below(3'000'000) : 0;
    return line;
  }

  std::mt19937 random_;
  int serial_ = 0;
};

inline std::string json_of(const Event& event) {
  event::Day day;
  event::parse_day("2011-01-01", day);
  day.value += static_cast<int32_t>(event.day);
  std::string json = R"({"event_id":")" + event.id + R"(","type":")" + event.type + R"(","occurred_at":")" +
                     event::format_day(day) + R"(T00:00:00Z")";
  if (!event.order.empty()) json += R"(,"order_id":")" + event.order + '"';
  if (event.type == "purchase") {
    json += R"(,"currency":")" + event.currency + R"(","revision":)" + std::to_string(event.revision);
  }
  if (event.type == "purchase" || event.type == "customer") {
    json += R"(,"customer":{"id":")" + event.customer + R"(","type":")" + event.customer_type +
            R"(","country":")" + event.country + R"("})";
  }
  for (size_t i = 0; i < event.lines.size(); ++i) {
    const Line& line = event.lines[i];
    json += (i == 0 ? R"(,"lines":[)" : ",") + std::string(R"({"sku":")") + line.sku + R"(","quantity":)" +
            std::to_string(line.quantity);
    if (line.price) json += R"(,"unit_price":")" + event::format_money(*line.price, 2) + '"';
    if (line.discount) json += R"(,"discount":")" + event::format_money(line.discount, 2) + '"';
    json += "}";
  }
  return json + (event.lines.empty() ? "}" : "]}");
}

}  // namespace lode::twin
