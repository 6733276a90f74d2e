// Gold against a recompute from all facts: random orders booked, let go of and booked again with other keys,
// over epochs, flushes and restarts; every view, any roll-up, any filter, page by page.
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "gold/gold.h"
#include "gold/reader.h"
#include "property/borrowed_disk.h"
#include "property/gold_twin.h"
#include "store/memory_disk.h"
#include "store/rocksdb_disk.h"
#include "store/state.h"

namespace lode::test {
namespace {

using silver::code_of;
using silver::Kind;

// A view that exists nowhere but here: adding one takes no C++ code.
constexpr const char* kOwnView = R"(
name = "channel_fees"
source = "order_lines"
keys = ["channel", "kind", "source", "currency"]
measures = [
  { name = "fees", sum = "amount", kinds = ["fee"] },
  { name = "buyers", distinct = "customer", kinds = ["fee", "adjustment"] },
  { name = "taken", sum = "quantity", kinds = ["adjustment"] },
  { name = "fee_orders", distinct = "order", kinds = ["fee"] },
  { name = "each", ratio = ["fees", "fee_orders"] },
  { name = "place", rank = ["fee_orders", "fees"], within = ["channel", "currency"] },
]
)";

class Shop {
 public:
  explicit Shop(uint32_t seed) : random_(seed) {}

  uint32_t below(uint32_t n) { return std::uniform_int_distribution<uint32_t>(0, n - 1)(random_); }

  std::vector<Fact> order(uint64_t number) {
    std::vector<Fact> facts(1 + (below(3) == 0 ? below(6) : 0));
    Fact common;
    common.order = number;
    common.country = below(2) == 0 ? code_of("GB", 2) : code_of("FR", 2);
    common.currency = below(2) == 0 ? code_of("GBP", 3) : code_of("EUR", 3);
    common.customer = below(8);
    common.customer_type = 20 + below(3);
    common.channel = below(3);
    common.source = below(2);
    int64_t day = 14900 + below(6);
    for (Fact& fact : facts) {
      fact = common;
      fact.sku = 100 + below(7);
      fact.kind = static_cast<Kind>(below(3) == 0 ? 1 + below(5) : 1);
      // A refund's line books on a day of its own.
      int64_t on = fact.kind == Kind::return_ ? day + below(3) : day;
      fact.occurred_at = {(on * 86400 + below(86400)) * 1000000};
      fact.quantity = 1 + below(3);
      if (fact.kind == Kind::adjustment || (fact.kind == Kind::fee && below(2) == 0))
        fact.quantity = -fact.quantity;
      if (fact.kind != Kind::free && fact.kind != Kind::adjustment) {
        // Small ones, so that sums cancel; sometimes beyond 64 bits.
        event::Int128 price =
            below(20) == 0 ? event::Int128{9'000'000'000'000'000'000} : 500'000 * (1 + below(2));
        fact.amount = price * fact.quantity;
      }
      if (fact.kind == Kind::sale) fact.discount = below(4) == 0 ? 250'000 : 0;
    }
    return facts;
  }

 private:
  std::mt19937 random_;
};

std::string text_of(const gold::Figure& figure) {
  switch (figure.type) {
    case gold::Figure::Type::null:
      return "null";
    case gold::Figure::Type::number:
    case gold::Figure::Type::money:
      return event::format_integer(figure.value);
    case gold::Figure::Type::day:
      return event::format_day({static_cast<int32_t>(figure.value)});
    case gold::Figure::Type::ratio:
      return event::format_ratio(figure.value, figure.denominator);
  }
  return "";
}

class World {
 public:
  World(uint32_t seed, std::shared_ptr<store::Disk> disk) : shop_(seed), disk_(std::move(disk)) {
    for (uint32_t number = 1; number < 128; ++number) texts_.set(number, GoldTwin::text(number));
    open();
  }

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      change();
      uint32_t dice = shop_.below(100);
      if (dice < 6) end_epoch();
      if (dice == 6) {
        end_epoch();
        state_->wait_flushed();
      }
      if (dice == 7) {
        end_epoch();
        state_->wait_flushed();
        open();
      }
      if (dice < 12) check();
      if (::testing::Test::HasFatalFailure()) return;
    }
    // Nothing is left when everything was let go of.
    std::unique_lock lock(state_->mutex());
    for (const auto& [number, facts] : twin_.orders) gold_->book(facts, -1);
    gold_->touch(++changes_);
    lock.unlock();
    twin_.orders.clear();
    end_epoch();
    state_->wait_flushed();
    check();
    EXPECT_FALSE(state_->snapshot()->iterate("gold", "", "")->valid());
    for (const View& view : gold_->views()) EXPECT_EQ(gold_->digest(view).hex(), store::Digest().hex());
  }

 private:
  void open() {
    state_.reset();
    std::vector<View> views = gold::read_views(LODE_SOURCE_DIR "/config/views");
    views.push_back(gold::parse_view(kOwnView, "channel_fees.toml"));
    gold_ = std::make_unique<gold::Gold>(std::move(views), gold::ZoneRules{}, texts_);
    state_ = std::make_unique<store::State>(std::make_unique<BorrowedDisk>(disk_),
                                            std::vector<store::Part*>{gold_.get()});
  }

  void end_epoch() { state_->end_epoch({++epochs_, epochs_, 0, 0}); }

  void change() {
    std::unique_lock lock(state_->mutex());
    uint64_t number = shop_.below(40) + 1;
    auto [place, fresh] = twin_.orders.try_emplace(number);
    if (!fresh && shop_.below(2) == 0) {
      change_some(place->second, number);
      if (place->second.empty()) twin_.orders.erase(place);
      return gold_->touch(++changes_);
    }
    if (!fresh) {
      gold_->book(place->second, -1);
      twin_.orders.erase(place);
      if (shop_.below(3) == 0) return gold_->touch(++changes_);
    }
    twin_.orders[number] = shop_.order(number);
    gold_->book(twin_.orders[number], +1);
    gold_->touch(++changes_);
  }

  void change_some(std::vector<Fact>& facts, uint64_t number) {
    std::vector<Fact> kept, gone, come;
    uint32_t part = shop_.below(3);
    for (const Fact& fact : facts) (shop_.below(3) < part ? gone : kept).push_back(fact);
    for (const Fact& fact : shop_.order(number)) {
      if (shop_.below(2) == 0) come.push_back(fact);
    }
    gold_->change(kept, gone, come);
    facts = kept;
    facts.insert(facts.end(), come.begin(), come.end());
  }

  void check() {
    for (const View& view : gold_->views()) {
      check_digest(view);
      std::vector<uint32_t> all;
      for (uint32_t i = 0; i < view.keys.size(); ++i) all.push_back(i);
      compare(view, all, {});
      std::vector<uint32_t> some;
      for (uint32_t key : all) {
        if (shop_.below(2) == 0) some.push_back(key);
      }
      compare(view, some, {});
      compare(view, shop_.below(2) == 0 ? some : all, filters(view));
      // One row by its whole key, twice: the second time it may be resident.
      GoldTwin::Answer rows = twin_.answer(view, all, [](Column, uint32_t) { return true; });
      if (rows.empty()) continue;
      const auto& key = std::next(rows.begin(), shop_.below(static_cast<uint32_t>(rows.size())))->first;
      std::vector<gold::KeyFilter> exact;
      for (uint32_t i = 0; i < key.size(); ++i) exact.push_back({i, {key[i]}, 0, ~0u, false});
      compare(view, all, exact);
      compare(view, all, exact);
    }
  }

  // Kept up to date, scanned, and that of a gold of its own which books what is left, once.
  void check_digest(const View& view) {
    std::shared_lock lock(state_->mutex());
    ASSERT_EQ(gold_->digest(view).hex(), gold_->scan_digest(view, texts_).hex()) << view.name;
    gold::Gold anew({view}, gold::ZoneRules{}, texts_);
    for (const auto& [number, facts] : twin_.orders) anew.book(facts, +1);
    anew.touch(0);
    ASSERT_EQ(gold_->digest(view).hex(), anew.digest(anew.views()[0]).hex()) << view.name;
  }

  std::vector<gold::KeyFilter> filters(const View& view) {
    std::vector<gold::KeyFilter> out;
    for (uint32_t i = 0; i < view.keys.size(); ++i) {
      if (shop_.below(3) != 0) continue;
      std::set<uint32_t> words;
      for (int n = 0; n < 3; ++n) {
        std::vector<Fact> facts = shop_.order(1);
        words.insert(GoldTwin::word(facts[0], view.keys[i]));
      }
      if (shop_.below(8) == 0) words = {};  // a text that no row has
      if (!words.empty() && shop_.below(2) == 0) {
        out.push_back({i, {}, *words.begin(), *words.rbegin(), true});
      } else {
        out.push_back({i, {words.begin(), words.end()}, 0, ~0u, false});
      }
    }
    return out;
  }

  void compare(const View& view, const std::vector<uint32_t>& groups,
               const std::vector<gold::KeyFilter>& filters) {
    gold::KeyFilters pushed(static_cast<uint32_t>(view.keys.size()));
    for (const gold::KeyFilter& filter : filters) pushed.add(filter);
    GoldTwin::Answer expected = twin_.answer(view, groups, [&](Column column, uint32_t word) {
      return std::all_of(filters.begin(), filters.end(), [&](const gold::KeyFilter& filter) {
        return view.keys[filter.position] != column || filter.next(word) == word;
      });
    });
    GoldTwin::Answer got;
    uint32_t wanted = shop_.below(2) == 0 ? 0 : 1 + shop_.below(5);
    std::optional<gold::Key> after;
    for (bool more = true; more;) {
      more = false;
      uint32_t count = 0;
      gold::ReadRequest request{view,  pushed, groups,
                                after, wanted, [](Column, uint32_t word) { return GoldTwin::text(word); }};
      gold::ReadEnd end =
          gold::Reader(*state_, *gold_)
              .read([&] { return request; },
                    [&](gold::Row&& row) {
                      if (wanted > 0 && count == wanted) {
                        more = true;
                        return false;
                      }
                      ++count;
                      after = row.group;
                      GoldTwin::Words group(row.group.begin(),
                                            row.group.begin() + static_cast<std::ptrdiff_t>(groups.size()));
                      EXPECT_TRUE(got.empty() || got.rbegin()->first < group) << "rows ascend and come once";
                      std::vector<std::string>& figures = got[group];
                      for (const gold::Figure& figure : row.figures) figures.push_back(text_of(figure));
                      return true;
                    });
      if (!more && end.reached) {
        after = end.reached;
        more = true;
      }
    }
    std::string what = view.name + " by";
    for (uint32_t group : groups) what += " " + std::string(to_string(view.keys[group]));
    ASSERT_EQ(got, expected) << what << ", " << filters.size() << " filters, pages of " << wanted;
  }

  Shop shop_;
  std::shared_ptr<store::Disk> disk_;
  store::TextHashes texts_;
  GoldTwin twin_;
  std::unique_ptr<gold::Gold> gold_;
  std::unique_ptr<store::State> state_;
  uint64_t epochs_ = 0;
  uint64_t changes_ = 0;
};

std::vector<store::Family> all_families() {
  std::vector<store::Family> families = gold::Gold({}, gold::ZoneRules{}, store::TextHashes()).families();
  families.push_back({std::string(store::kMetaFamily), nullptr});
  return families;
}

uint32_t seed() {
  const char* given = std::getenv("LODE_SEED");
  uint32_t seed = given != nullptr ? static_cast<uint32_t>(std::stoul(given)) : std::random_device()();
  std::cout << "LODE_SEED=" << seed << std::endl;
  return seed;
}

TEST(GoldRecomputeTest, HoldsInMemory) {
  World(seed(), std::make_shared<store::MemoryDisk>(all_families())).run(1500);
}

TEST(GoldRecomputeTest, HoldsInRocksDb) {
  auto folder =
      std::filesystem::temp_directory_path() / ("lode-gold-" + std::to_string(std::random_device()()));
  World(seed(), std::make_shared<store::RocksDbDisk>(folder, all_families())).run(600);
  store::RocksDbDisk::remove(folder);
}

}  // namespace
}  // namespace lode::test
