#include "admin/verify_rows.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <map>

#include "gold/plan.h"
#include "query/gold_value.h"
#include "store/keyed_table.h"

namespace lode::admin {

namespace {

using materialize::Generation;

constexpr uint64_t kTellEvery = 4096;
constexpr size_t kOffsetBytes = 6;  // at the front of an id's value

// The parts that lie as one row a key, by family. Those that lie in other blocks after other epochs are read
// by what is in them, below.
struct Named {
  std::string_view family, part;
};
constexpr std::array kFamilies{Named{"batches", "batch index"},      Named{"ids", "ids"},
                               Named{"orders.index", "order ids"},   Named{"customers", "silver.customers"},
                               Named{"products", "silver.products"}, Named{"quarantine", "silver.quarantine"},
                               Named{"quality", "silver.quality"},   Named{"gold", "gold"},
                               Named{"gold_changes", "gold"}};

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return out;
}

uint64_t big_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// Keys as people know them.
class Names {
 public:
  explicit Names(const Generation& generation)
      : generation_(generation),
        source_{generation.state(), generation.gold(), generation.tables().dictionary(), nullptr, 0},
        texts_(source_) {
    for (const gold::View& view : generation.gold().views()) plans_.emplace_back(view);
  }

  // `value`: of the row that should be there, or is.
  void name(const Named& table, std::string_view key, std::string_view value, Damage& damage) {
    damage.part = table.part;
    if (table.part == "gold") return name_gold(key, damage);
    if (table.family == "ids" || table.family == "orders.index") {
      damage.key = "hash " + hex(key);
      if (value.size() >= kOffsetBytes)
        damage.offset = static_cast<int64_t>(big_endian(value.substr(0, kOffsetBytes)));
    } else if (table.family == "batches" || table.family == "quarantine") {
      damage.offset = static_cast<int64_t>(store::number_of(key));
    } else if (table.family == "customers" || table.family == "products") {
      damage.key = text(static_cast<uint32_t>(store::number_of(key)));
    } else {
      damage.key = std::string(key);
    }
  }

 private:
  std::string text(uint32_t number) const {
    try {
      return generation_.tables().dictionary().text(number);
    } catch (const std::exception&) {  // the dictionary has its own damage
      return "number " + std::to_string(number);
    }
  }

  void name_gold(std::string_view key, Damage& damage) {
    for (const gold::Plan& plan : plans_) {
      if (key.size() < 8 || big_endian(key.substr(0, 8)) != plan.id) continue;
      damage.part = "gold." + plan.view->name;
      for (uint32_t i = 0; i < plan.keys && key.size() >= 12 + 4 * i; ++i) {
        const auto word = static_cast<uint32_t>(big_endian(key.substr(8 + 4 * i, 4)));
        const gold::Column column = plan.view->keys[i];
        damage.key += fmt::format("{}{}={}", i ? " " : "", gold::to_string(column), texts_(column, word));
      }
      return;
    }
    damage.key = hex(key);
  }

  const Generation& generation_;
  const query::GoldSource source_;
  query::KeyTexts texts_;
  std::vector<gold::Plan> plans_;
};

// Differences of one table, of which the first is kept.
class Differences {
 public:
  explicit Differences(std::vector<Damage>& damage) : damage_(damage) {}
  void finish() {
    for (auto& [part, at] : first_)
      if (at.second > 1) damage_[at.first].what += fmt::format(" ({} rows of this table differ)", at.second);
  }

  void add(Damage damage) {
    auto [at, is_new] = first_.try_emplace(damage.part, damage_.size(), 0);
    at->second.second += 1;
    if (is_new) damage_.push_back(std::move(damage));
  }

 private:
  std::vector<Damage>& damage_;
  std::map<std::string, std::pair<size_t, uint64_t>> first_;
};

class Comparison {
 public:
  Comparison(const Generation& found, const Generation& expected, const Watch& watch)
      : found_(found), expected_(expected), watch_(watch), names_(expected), differences_(check_.damage) {}

  RowCheck run() {
    for (const Named& table : kFamilies) family(table);
    orders();
    dictionary();
    differences_.finish();
    return std::move(check_);
  }

 private:
  void count(std::string_view part) {
    if (++check_.rows % kTellEvery) return;
    watch_.check();
    watch_.tell("comparing " + std::string(part), check_.rows, 0, "rows");
  }

  void family(const Named& table) {
    const auto a = found_.state().snapshot()->iterate(table.family, {}, {});
    const auto b = expected_.state().snapshot()->iterate(table.family, {}, {});
    auto differs = [&](store::Iterator& at, std::string_view what) {
      Damage damage;
      damage.what = what;
      names_.name(table, at.key(), b->valid() ? b->value() : at.value(), damage);
      differences_.add(std::move(damage));
    };
    while (a->valid() || b->valid()) {
      count(table.part);
      if (!a->valid() || (b->valid() && b->key() < a->key())) {
        differs(*b, "the row is missing");
        b->next();
      } else if (!b->valid() || a->key() < b->key()) {
        differs(*a, "there is a row that the log does not say");
        a->next();
      } else {
        if (a->value() != b->value()) differs(*b, "the row says something else than the log");
        a->next();
        b->next();
      }
    }
  }

  // In pages: one is read whole before the other is looked at.
  void orders() {
    constexpr size_t kPage = 1024;
    constexpr uint64_t kEnd = std::numeric_limits<uint64_t>::max();
    using Rows = std::map<uint64_t, std::string>;
    for (uint64_t from = 0; from < kEnd;) {
      Rows expected, found;
      expected_.tables().scan_orders(from, kEnd, [&](uint64_t row, std::string_view bytes) {
        expected.emplace(row, bytes);
        return expected.size() < kPage;
      });
      const uint64_t to = expected.size() < kPage ? kEnd : expected.rbegin()->first + 1;
      found_.tables().scan_orders(from, to, [&](uint64_t row, std::string_view bytes) {
        found.emplace(row, bytes);
        return true;
      });
      for (const auto& [row, bytes] : expected) {
        count("silver.orders");
        const auto same = found.find(row);
        if (same == found.end())
          order_differs(row, bytes, "the order is missing");
        else if (same->second != bytes)
          order_differs(row, bytes, "the order says something else than the log");
      }
      for (const auto& [row, bytes] : found)
        if (!expected.contains(row)) order_differs(row, bytes, "there is an order that the log does not say");
      from = to;
    }
  }
  void order_differs(uint64_t row, std::string_view bytes, std::string what) {
    Damage damage{"silver.orders", std::nullopt, static_cast<int64_t>(row), "", std::move(what), {}};
    try {
      damage.key = silver::unpack_order(row, bytes).order_id;
    } catch (const std::exception&) {  // of what is found: its offset names it
    }
    differences_.add(std::move(damage));
  }

  void dictionary() {
    const auto& a = found_.tables().dictionary();
    const auto& b = expected_.tables().dictionary();
    for (uint32_t number = 1; number <= std::max(a.size(), b.size()); ++number) {
      count("texts");
      const bool there = number <= a.size(), wanted = number <= b.size();
      if (there && wanted && a.text(number) == b.text(number)) continue;
      differences_.add({"texts",
                        std::nullopt,
                        std::nullopt,
                        wanted ? b.text(number) : a.text(number),
                        fmt::format("text {} is another one, or missing", number),
                        {}});
    }
  }

  const Generation& found_;
  const Generation& expected_;
  const Watch& watch_;
  RowCheck check_;
  Names names_;
  Differences differences_;
};

}  // namespace

RowCheck compare_rows(const Generation& found, const Generation& expected, const Watch& watch) {
  return Comparison(found, expected, watch).run();
}

}  // namespace lode::admin
