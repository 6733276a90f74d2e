// What gold costs an event: single-line orders of a growing shop into the five shipped views. Prints the
// booking (what the apply thread pays), the writing of epochs (what the flush thread pays), and point reads.
// Usage: gold_bench [events] [events an epoch]
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include "gold/gold.h"
#include "gold/reader.h"
#include "store/rocksdb_disk.h"
#include "store/state.h"

namespace {

using namespace lode;
using Clock = std::chrono::steady_clock;

// CPU time in seconds, so that a busy machine does not count.
double cpu(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

class Shop {
 public:
  explicit Shop(uint64_t events) : events_(events) {}

  silver::Fact next() {
    silver::Fact fact;
    fact.order = number_;
    fact.kind = below(40) == 0 ? silver::Kind::return_ : silver::Kind::sale;
    // Most sell in one country.
    uint32_t country = below(10) < 8 ? 0 : below(38);
    fact.country = silver::code_of("AA", 2) + country;
    fact.currency = silver::code_of(country < 4 ? "GBP" : "EUR", 3);
    fact.customer = 1000 + below(160000);
    fact.customer_type = 1 + below(4);
    // Few products sell most.
    fact.sku = 10 + std::min(below(4000), below(4000));
    fact.occurred_at = {static_cast<int64_t>(1291190400000000 + number_ * (365 * 86400000000ull / events_))};
    fact.quantity = 1 + below(12);
    fact.amount = fact.quantity * (250000 + 10000 * below(500));
    ++number_;
    return fact;
  }

 private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

  uint64_t events_;
  uint64_t number_ = 0;
  std::mt19937_64 random_{1};
};

void read_hot_row(const store::State& state, const gold::Gold& gold, const silver::Fact& like) {
  const gold::View& view = *gold.find("daily_sales");
  gold::KeyFilters filters(3);
  uint32_t day = static_cast<uint32_t>(like.occurred_at.value / 86400000000) ^ 0x80000000u;
  filters.add({0, {day}, 0, ~0u, false});
  filters.add({1, {like.country}, 0, ~0u, false});
  filters.add({2, {like.currency}, 0, ~0u, false});
  std::vector<double> micros;
  for (int i = 0; i < 1000; ++i) {
    auto start = Clock::now();
    gold::Reader(state, gold)
        .read(
            [&] {
              return gold::ReadRequest{view, filters, {0, 1, 2}, {}, 0, {}};
            },
            [](gold::Row&&) { return true; });
    micros.push_back(seconds(Clock::now() - start) * 1e6);
  }
  double first = micros[0];
  std::sort(micros.begin(), micros.end());
  std::printf("hot row of daily_sales: first read %.0f us, then p50 %.1f, p99 %.1f us\n", first, micros[500],
              micros[990]);
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2000000;
  uint64_t epoch = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 500000;
  auto folder = std::filesystem::temp_directory_path() / "lode-gold-bench";
  std::filesystem::remove_all(folder);
  store::TextHashes texts;
  for (uint32_t number = 1; number < 161000; ++number) texts.set(number, std::to_string(number));
  gold::Gold gold(gold::read_views(LODE_SOURCE_DIR "/config/views"), gold::ZoneRules{}, texts);
  std::vector<store::Family> families = gold.families();
  families.push_back({std::string(store::kMetaFamily), nullptr});
  store::State state(std::make_unique<store::RocksDbDisk>(folder, families), {&gold});
  Shop shop(events);
  double booking = 0, writing = 0;
  uint64_t peak = 0;
  std::vector<silver::Fact> facts(1000);
  for (uint64_t done = 0; done < events; done += facts.size()) {
    for (auto& fact : facts) fact = shop.next();
    double start = cpu(CLOCK_THREAD_CPUTIME_ID);
    {
      std::unique_lock lock(state.mutex());
      for (const silver::Fact& fact : facts) gold.book({&fact, 1}, +1);
      gold.touch(done);
    }
    booking += cpu(CLOCK_THREAD_CPUTIME_ID) - start;
    if ((done + facts.size()) % epoch == 0) {
      peak = std::max(peak, gold.memory_bytes());
      start = cpu(CLOCK_PROCESS_CPUTIME_ID);
      state.end_epoch({done, done, 0, 0});
      state.wait_flushed();
      writing += cpu(CLOCK_PROCESS_CPUTIME_ID) - start;
    }
  }
  std::printf(
      "%llu events, epochs of %llu: CPU of booking %.0f ns/event, of writing and compaction %.0f ns/event, "
      "peak %.0f MB, disk %.1f "
      "B/event\n",
      static_cast<unsigned long long>(events), static_cast<unsigned long long>(epoch),
      booking / static_cast<double>(events) * 1e9, writing / static_cast<double>(events) * 1e9,
      static_cast<double>(peak) / 1e6, static_cast<double>(state.disk_bytes()) / static_cast<double>(events));
  facts[0].country = silver::code_of("AA", 2);
  facts[0].currency = silver::code_of("GBP", 3);
  read_hot_row(state, gold, facts[0]);
  std::filesystem::remove_all(folder);
}
