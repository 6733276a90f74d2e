// A dumb twin of gold: it keeps all facts and works every answer out anew, by the words of the views'
// declarations.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "event/time.h"
#include "gold/view.h"
#include "silver/fact.h"

namespace lode::test {

using gold::bit;
using gold::Column;
using gold::Measure;
using gold::View;
using silver::Fact;

class GoldTwin {
 public:
  using Words = std::vector<uint32_t>;
  using Answer = std::map<Words, std::vector<std::string>>;  // figures as text, as the measures
  using Wanted = std::function<bool(Column, uint32_t)>;      // filter by key word

  std::map<uint64_t, std::vector<Fact>> orders;

  static uint32_t word(const Fact& fact, Column column) {
    switch (column) {
      case Column::day:
        return static_cast<uint32_t>((fact.occurred_at.value + 1000 * kDay) / kDay - 1000) ^ 0x80000000u;
      case Column::country:
        return fact.country;
      case Column::currency:
        return fact.currency;
      case Column::sku:
        return fact.sku;
      case Column::customer_id:
        return fact.customer;
      case Column::customer_type:
        return fact.customer_type;
      case Column::channel:
        return fact.channel;
      case Column::category:
        return fact.category;
      case Column::source:
        return fact.source;
      case Column::kind:
        return static_cast<uint32_t>(fact.kind);
    }
    return 0;
  }

  static std::string ratio(event::Int128 a, event::Int128 b) {
    if (b < 0) a = -a, b = -b;
    return b == 0 ? "null" : event::format_ratio(a, b);
  }

  // `groups`: positions of the view's keys.
  Answer answer(const View& view, const std::vector<uint32_t>& groups, const Wanted& wanted) const {
    std::map<Words, std::vector<const Fact*>> rows;
    for (const auto& [id, facts] : orders) {
      for (const Fact& fact : facts) {
        if ((view.kinds & bit(fact.kind)) == 0 || (view.known_customers && fact.customer == 0)) continue;
        Words key;
        for (Column column : view.keys) key.push_back(word(fact, column));
        rows[key].push_back(&fact);
      }
    }
    std::erase_if(rows, [&](const auto& row) { return all_zero(view, row.second); });

    // Filters on keys that are rolled up limit what is ranked; others only what is shown.
    std::map<Words, std::vector<const Fact*>> ranked, shown;
    for (const auto& [key, facts] : rows) {
      Words group;
      bool all = true, dropped = true;
      for (uint32_t i = 0; i < key.size(); ++i) {
        bool grouped = std::count(groups.begin(), groups.end(), i) > 0;
        if (grouped) group.push_back(key[i]);
        bool match = wanted(view.keys[i], key[i]);
        all &= match;
        if (!grouped) dropped &= match;
      }
      if (dropped) ranked[group].insert(ranked[group].end(), facts.begin(), facts.end());
      if (all) shown[group].insert(shown[group].end(), facts.begin(), facts.end());
    }
    Answer out;
    for (const auto& [group, facts] : shown) {
      for (const Measure& measure : view.measures) {
        out[group].push_back(figure(view, measure, groups, group, facts, rows, ranked));
      }
    }
    return out;
  }

 private:
  using Facts = std::vector<const Fact*>;
  static constexpr int64_t kDay = 86400LL * 1000000;

  static const Measure& find(const View& view, const std::string& name) {
    return *std::find_if(view.measures.begin(), view.measures.end(),
                         [&](const Measure& measure) { return measure.name == name; });
  }

  static event::Int128 value(const View& view, const Measure& measure, const Facts& facts) {
    if (measure.type == Measure::Type::difference) {
      return value(view, find(view, measure.of[0]), facts) - value(view, find(view, measure.of[1]), facts);
    }
    event::Int128 sum = 0;
    std::set<uint64_t> members;
    for (const Fact* fact : facts) {
      if ((measure.kinds & bit(fact->kind)) == 0) continue;
      if (measure.type == Measure::Type::sum) {
        if (measure.operand == Measure::Operand::quantity) sum += fact->quantity;
        if (measure.operand == Measure::Operand::amount) sum += fact->amount;
        if (measure.operand == Measure::Operand::discount) sum += fact->discount;
        if (measure.operand == Measure::Operand::net_amount) sum += fact->amount - fact->discount;
      } else if (measure.member == Measure::Member::order) {
        members.insert(fact->order);
      } else if (fact->customer != 0) {
        members.insert(fact->customer);
      }
    }
    return measure.type == Measure::Type::sum ? sum : static_cast<event::Int128>(members.size());
  }

  static std::set<int32_t> days(const Measure& measure, const Facts& facts) {
    std::set<int32_t> out;
    for (const Fact* fact : facts) {
      if ((measure.kinds & bit(fact->kind)) != 0) {
        out.insert(static_cast<int32_t>(word(*fact, Column::day) ^ 0x80000000u));
      }
    }
    return out;
  }

  static bool all_zero(const View& view, const Facts& facts) {
    for (const Measure& measure : view.measures) {
      if (measure.type <= Measure::Type::distinct && value(view, measure, facts) != 0) return false;
      if ((measure.type == Measure::Type::first_day || measure.type == Measure::Type::last_day) &&
          !days(measure, facts).empty()) {
        return false;
      }
    }
    return true;
  }

  static std::string figure(const View& view, const Measure& measure, const std::vector<uint32_t>& groups,
                            const Words& group, const Facts& facts, const std::map<Words, Facts>& rows,
                            const std::map<Words, Facts>& ranked) {
    if (measure.type <= Measure::Type::distinct || measure.type == Measure::Type::difference) {
      return event::format_integer(value(view, measure, facts));
    }
    if (measure.type == Measure::Type::ratio) {
      const Measure &a = find(view, measure.of[0]), &b = find(view, measure.of[1]);
      event::Int128 scale_a = a.money ? 1 : 1000000, scale_b = b.money ? 1 : 1000000;
      return ratio(value(view, a, facts) * scale_a, value(view, b, facts) * scale_b);
    }
    if (measure.type == Measure::Type::first_day || measure.type == Measure::Type::last_day) {
      std::set<int32_t> all = days(measure, facts);
      if (all.empty()) return "null";
      return event::format_day({measure.type == Measure::Type::first_day ? *all.begin() : *all.rbegin()});
    }
    // Equal in `within`: by the group's word and by the row's.
    std::vector<std::pair<size_t, size_t>> within;
    for (const std::string& name : measure.within) {
      size_t key = 0;
      while (to_string(view.keys[key]) != name) ++key;
      auto place = std::find(groups.begin(), groups.end(), key);
      if (place == groups.end()) return "null";
      within.emplace_back(place - groups.begin(), key);
    }
    if (measure.type == Measure::Type::share) {
      const Measure& of = find(view, measure.of[0]);
      event::Int128 whole = 0;
      for (const auto& [key, others] : rows) {
        bool same = std::all_of(within.begin(), within.end(), [&, &key = key](const auto& place) {
          return key[place.second] == group[place.first];
        });
        if (same) whole += value(view, of, others);
      }
      return ratio(value(view, of, facts), whole);
    }
    // The rank counts whose figures are better.
    const Facts& own = ranked.at(group);
    int rank = 1;
    for (const auto& [other, others] : ranked) {
      bool same = std::all_of(within.begin(), within.end(), [&, &other = other](const auto& place) {
        return other[place.first] == group[place.first];
      });
      if (same && better(view, measure, other, others, group, own)) ++rank;
    }
    return std::to_string(rank);
  }

  static bool better(const View& view, const Measure& rank, const Words& a, const Facts& facts_a,
                     const Words& b, const Facts& facts_b) {
    for (const std::string& name : rank.of) {
      event::Int128 left = value(view, find(view, name), facts_a),
                    right = value(view, find(view, name), facts_b);
      if (left != right) return left > right;
    }
    for (size_t i = 0; i < a.size(); ++i) {
      if (a[i] != b[i]) return text(a[i]) < text(b[i]);
    }
    return false;
  }

 public:
  // The texts of this test's dictionary: they order otherwise than their numbers.
  static std::string text(uint32_t word) {
    std::string out = std::to_string(word);
    std::reverse(out.begin(), out.end());
    return out;
  }
};

}  // namespace lode::test
