// CPU time that silver takes for a single-line purchase, without decoding, gold and disk. Usage:
// silver_bench [events]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>

#include "silver/lookahead.h"
#include "silver/silver.h"
#include "silver/tables.h"
#include "store/memory_disk.h"
#include "store/state.h"

namespace {

using namespace lode;

struct NoGold final : silver::FactSink {
  void book(std::span<const silver::Fact> facts, int sign) override { booked += facts.size() * sign; }
  void change(std::span<const silver::Fact>, std::span<const silver::Fact> gone,
              std::span<const silver::Fact> come) override {
    booked += come.size() - gone.size();
  }
  size_t booked = 0;
};

int64_t cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

int main(int argc, char** argv) {
  const size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  constexpr size_t kBatch = 1000, kCustomers = 160'000, kSkus = 4'000;
  silver::Tables tables(store::Hasher({1, 2, 3}));
  NoGold gold;
  store::State state(std::make_unique<store::MemoryDisk>(store::families_of(tables.parts())), tables.parts());
  silver::Silver silver({}, tables, gold);

  uint64_t random = 1;
  auto below = [&](size_t n) {
    return (random = random * 6364136223846793005u + 1442695040888963407u) >> 33, (random >> 33) % n;
  };
  std::vector<std::string> order_ids(kBatch), customers(kBatch), skus(kBatch);
  std::vector<event::Event> events(kBatch);
  std::vector<event::Line> lines(kBatch);
  int64_t spent = 0;
  for (size_t done = 0; done < count; done += kBatch) {
    for (size_t i = 0; i < kBatch; ++i) {
      order_ids[i] = "order-" + std::to_string((done + i) * 2654435761u);
      customers[i] = "customer-" + std::to_string(below(kCustomers));
      skus[i] = "SKU-" + std::to_string(below(kSkus));
      event::Event& event = events[i] = {};
      event.source = "web";
      event.channel = "web";
      event.currency = "GBP";
      event.order_id = order_ids[i];
      event.customer = {customers[i], {}, "United Kingdom"};
      event.occurred_at = {1'300'000'000'000'000};
      event.first_line = static_cast<uint32_t>(i);
      event.line_count = 1;
      lines[i] = {skus[i], "WHITE HANGING HEART T-LIGHT HOLDER", "home", 6, true, {2'550'000}, {}};
    }
    int64_t start = cpu_nanoseconds();
    std::unique_lock lock(state.mutex());
    silver::Lookahead ahead(silver, events, lines);
    for (size_t i = 0; i < kBatch; ++i)
      silver.apply(events[i], ahead.of(i), {&lines[i], 1}, {done + i}, {1'400'000'000'000'000});
    spent += cpu_nanoseconds() - start;
  }
  std::printf("%zu purchases, %zu facts: %.0f ns of CPU each, %.0f MiB\n", count, gold.booked,
              static_cast<double>(spent) / static_cast<double>(count),
              static_cast<double>(state.memory_bytes()) / (1 << 20));
}
