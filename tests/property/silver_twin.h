// Silver as one would do it without thinking of speed: it keeps every event, and works an order out from the
// whole list. Shares no code with silver. Money in millionths.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace lode::twin {

struct Line {
  std::string sku;
  int64_t quantity = 0;
  std::optional<int64_t> price;
  int64_t discount = 0;
};

struct Event {
  std::string type, id, order;
  std::string customer{}, customer_type{}, country{}, currency = "GBP";
  int64_t day = 0;  // of January 2011
  int64_t revision = 0;
  std::vector<Line> lines{};
};

// kind, country, currency, sku, customer, customer type, day, order, quantity, amount, discount
using Fact = std::tuple<std::string, std::string, std::string, std::string, std::string, std::string, int64_t,
                        std::string, int64_t, int64_t, int64_t>;

class Silver {
 public:
  std::set<std::string> fees;

  void apply(const Event& event) {
    size_t offset = events_.size();
    events_.push_back(event);
    for (const Line& line : event.lines) {
      if (line.price.value_or(0) < 0 && !broken_.contains(offset)) broken_[offset] = "negative_price";
    }
    for (const Line& line : event.lines) {
      if (line.quantity == 0 && !broken_.contains(offset)) broken_[offset] = "zero_quantity";
    }
    if (event.currency == "QQQ") broken_[offset] = "unknown_currency";
    if (broken_.contains(offset)) return;
    if (event.type == "customer") return upsert(event);
    orders_[event.order].push_back(offset);
    if (event.type == "purchase" && verdicts(event.order)[offset].empty()) take(offset);
  }

  std::map<uint64_t, std::string> quarantine() const {
    std::map<uint64_t, std::string> all(broken_.begin(), broken_.end());
    for (const auto& [order, offsets] : orders_) {
      for (const auto& [offset, rule] : verdicts(order)) {
        if (!rule.empty()) all[offset] = rule;
      }
    }
    return all;
  }

  std::multiset<Fact> facts() const {
    std::multiset<Fact> all;
    for (const auto& [order, offsets] : orders_) add_facts(order, all);
    return all;
  }

 private:
  struct Taken {
    std::string country, type;
  };

  void upsert(const Event& event) {
    auto& [country, type] = crm_[event.customer];
    if (!event.country.empty() && event.day >= country.first) country = {event.day, event.country};
    if (!event.customer_type.empty() && event.day >= type.first) type = {event.day, event.customer_type};
  }

  // What a purchase takes from its customer, when it is applied.
  void take(size_t offset) {
    const Event& event = events_[offset];
    Taken taken;
    bool known = crm_.contains(event.customer) && !event.customer.empty();
    taken.country = event.country;
    if (taken.country.empty() && known) taken.country = crm_[event.customer].first.second;
    if (taken.country.empty()) taken.country = "ZZ";
    if (first_types_.contains(event.order)) {
      taken.type = first_types_[event.order];
    } else {
      int before = counted_[event.customer]++;
      taken.type = event.customer_type;
      if (taken.type.empty() && known) taken.type = crm_[event.customer].second.second;
      if (taken.type.empty()) taken.type = before == 0 ? "new" : before >= 5 ? "loyal" : "returning";
      if (event.customer.empty()) taken.type = "anonymous";
      first_types_[event.order] = taken.type;
    }
    taken_[offset] = taken;
  }

  // The purchase that counts among an order's records before `end`, and whether they hold a cancellation.
  std::optional<size_t> purchase_of(const std::string& order, size_t end) const {
    std::optional<size_t> best;
    bool cancelled = false;
    for (size_t offset : orders_.at(order)) {
      if (offset >= end) break;
      const Event& event = events_[offset];
      if (event.type == "cancellation") cancelled = true;
      if (event.type != "purchase" || (cancelled && best)) continue;
      if (!best || event.revision > events_[*best].revision) best = offset;
    }
    return best;
  }
  bool cancelled(const std::string& order, size_t end) const {
    for (size_t offset : orders_.at(order)) {
      if (offset < end && events_[offset].type == "cancellation") return true;
    }
    return false;
  }

  // By offset: the rule, or "".
  std::map<size_t, std::string> verdicts(const std::string& order) const {
    std::map<size_t, std::string> rules;
    constexpr size_t kAll = SIZE_MAX;
    for (size_t offset : orders_.at(order)) {
      const Event& event = events_[offset];
      std::string& rule = rules[offset];
      if (!purchase_of(order, kAll)) {
        rule = "unknown_order";
      } else if (event.type != "cancellation" && cancelled(order, offset) && purchase_of(order, offset)) {
        rule = "order_cancelled";
      } else if (event.type == "purchase" && purchase_of(order, offset + 1) != offset) {
        rule = "duplicate_order";
      } else if (event.type == "refund") {
        std::vector<Fact> ignored;
        if (!refund_facts(order, offset, rules, ignored)) rule = "refund_exceeds_order";
      }
    }
    return rules;
  }

  // Every unit that an order sold is a thing of its own; earlier refunds that count have taken theirs.
  struct Unit {
    size_t line, number;
  };
  bool refund_facts(const std::string& order, size_t refund, const std::map<size_t, std::string>& rules,
                    std::vector<Fact>& facts) const {
    size_t bought = *purchase_of(order, SIZE_MAX);
    const std::vector<Line>& lines = events_[bought].lines;
    std::vector<Unit> units;
    for (size_t i = 0; i < lines.size(); ++i) {
      for (int64_t n = 0; n < lines[i].quantity; ++n) units.push_back({i, static_cast<size_t>(n)});
    }
    for (size_t offset : orders_.at(order)) {
      if (events_[offset].type != "refund" || offset > refund) continue;
      if (offset < refund && !rules.at(offset).empty()) continue;
      for (const Line& wanted : events_[offset].lines) {
        std::map<size_t, int64_t> from_line;
        for (int64_t n = 0; n < wanted.quantity; ++n) {
          auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const Unit& u) { return lines[u.line].sku == wanted.sku; });
          if (unit == units.end()) return false;
          ++from_line[unit->line];
          units.erase(unit);
        }
        if (offset != refund) continue;
        for (auto [line, count] : from_line)
          facts.push_back(refund_fact(bought, lines[line], wanted, events_[refund].day, count));
      }
    }
    return true;
  }

  Fact refund_fact(size_t bought, const Line& line, const Line& wanted, int64_t day, int64_t count) const {
    bool fee = fees.contains(line.sku);
    bool sale = !fee && line.quantity > 0 && *line.price > 0;
    int64_t paid = *line.price * line.quantity - (sale ? line.discount : 0);
    int64_t amount = wanted.price ? *wanted.price * count : paid * count / line.quantity;
    return fee ? fact(bought, "fee", line.sku, day, -count, -amount, 0)
               : fact(bought, "return", line.sku, day, count, amount, 0);
  }

  Fact fact(size_t bought, std::string kind, std::string sku, int64_t day, int64_t quantity, int64_t amount,
            int64_t discount) const {
    const Event& event = events_[bought];
    auto found = taken_.find(bought);  // absent while the purchase itself is being judged
    Taken taken = found == taken_.end() ? Taken{} : found->second;
    return {kind, taken.country, event.currency, sku,    event.customer, taken.type,
            day,  event.order,   quantity,       amount, discount};
  }

  void add_facts(const std::string& order, std::multiset<Fact>& all) const {
    auto bought = purchase_of(order, SIZE_MAX);
    if (!bought || cancelled(order, SIZE_MAX)) return;
    int64_t day = events_[*bought].day;
    for (const Line& line : events_[*bought].lines) {
      int64_t q = line.quantity, amount = q * *line.price;
      if (fees.contains(line.sku)) {
        all.insert(fact(*bought, "fee", line.sku, day, q, amount, 0));
      } else if (*line.price > 0) {
        all.insert(q > 0 ? fact(*bought, "sale", line.sku, day, q, amount, line.discount)
                         : fact(*bought, "return", line.sku, day, -q, -amount, 0));
      } else {
        all.insert(fact(*bought, q > 0 ? "free" : "adjustment", line.sku, day, q, 0, 0));
      }
    }
    auto rules = verdicts(order);
    for (size_t offset : orders_.at(order)) {
      if (events_[offset].type != "refund" || !rules[offset].empty()) continue;
      std::vector<Fact> facts;
      refund_facts(order, offset, rules, facts);
      all.insert(facts.begin(), facts.end());
    }
  }

  std::vector<Event> events_;  // by offset
  std::map<uint64_t, std::string> broken_;
  std::map<std::string, std::vector<size_t>> orders_;
  std::map<std::string, std::pair<std::pair<int64_t, std::string>, std::pair<int64_t, std::string>>> crm_;
  std::map<std::string, int> counted_;
  std::map<std::string, std::string> first_types_;
  std::map<size_t, Taken> taken_;
};

}  // namespace lode::twin
