// The id index alone: random ids in batches, a few of them old, epochs flushed and merged in the background.
// Prints the price of an event for the thread that applies and for all threads, memory, disk and the restart.
//   index_bench FOLDER [millions of ids = 5]
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "store/hash_index.h"
#include "store/rocksdb_disk.h"
#include "store/state.h"

namespace {

using namespace lode::store;
using Clock = std::chrono::steady_clock;

constexpr uint64_t kBatch = 1000;
constexpr uint64_t kEpoch = 500'000;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double resident_megabytes() {
  long total = 0, resident = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return static_cast<double>(resident) * 4096 / 1e6;
}

uint64_t mixed(uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
  return number ^ (number >> 31);
}

Hash96 key(uint64_t number) { return {mixed(number + 1), static_cast<uint32_t>(mixed(~number))}; }

struct Run {
  HashIndex index{"ids", true};
  State state;
  uint64_t count = 0;  // of distinct ids
  uint64_t events = 0;
  uint64_t wrong = 0;
  double foreground = 0;  // seconds
  double foreground_cpu = 0;
  double waited = 0;
  double worst_batch = 0;

  explicit Run(const char* folder)
      : state(std::make_unique<RocksDbDisk>(folder, index.families()), {&index}) {}

  void batch(std::mt19937_64& random) {
    Hash96 keys[kBatch];
    uint64_t numbers[kBatch];
    uint64_t fresh = count;
    for (uint64_t i = 0; i < kBatch; ++i) {
      bool old = count > 0 && random() % 1000 == 0;
      numbers[i] = old ? random() % count : fresh++;
      keys[i] = key(numbers[i]);
    }
    auto start = Clock::now();
    double cpu = thread_cpu_seconds();
    {
      std::unique_lock lock(state.mutex());
      for (uint64_t i = 0; i < kBatch; ++i) {
        if (i == 0)
          for (uint64_t j = 0; j < 16; ++j) index.prefetch(keys[j]);
        if (i + 16 < kBatch) index.prefetch(keys[i + 16]);
        std::optional<IndexValue> found = index.find(keys[i]);
        if (!found) index.insert(keys[i], {numbers[i], mixed(numbers[i])});
        wrong += found.has_value() != (numbers[i] < count);
        wrong += found && found->offset != numbers[i];
      }
    }
    double took = seconds_since(start);
    foreground += took;
    foreground_cpu += thread_cpu_seconds() - cpu;
    worst_batch = std::max(worst_batch, took);
    count = fresh;
    events += kBatch;
  }
};

void report(const char* what, const Run& run, uint64_t events, double cpu) {
  double n = static_cast<double>(events);
  std::printf(
      "%-14s %5.1f M ids: foreground %5.0f ns/event (%5.0f CPU), waiting for epochs %5.0f, all threads %5.0f "
      "CPU; worst "
      "batch %.1f ms; "
      "index %4.0f MB, resident %4.0f MB; disk %.1f B/id\n",
      what, static_cast<double>(run.count) / 1e6, run.foreground / n * 1e9, run.foreground_cpu / n * 1e9,
      run.waited / n * 1e9, cpu / n * 1e9, run.worst_batch * 1e3,
      static_cast<double>(run.state.memory_bytes()) / 1e6, resident_megabytes(),
      static_cast<double>(run.state.disk_bytes()) / static_cast<double>(run.count));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: index_bench FOLDER [millions of ids]\n");
    return 2;
  }
  uint64_t events = (argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 5) * 1'000'000;
  std::mt19937_64 random(1);
  {
    Run run(argv[1]);
    double cpu = cpu_seconds(), reported_cpu = cpu;
    uint64_t reported = 0;
    while (run.events < events) {
      run.batch(random);
      if (run.events % kEpoch == 0) {
        auto start = Clock::now();
        run.state.end_epoch({.next_offset = run.count});
        run.waited += seconds_since(start);
      }
      if (run.events == 1'000'000 || run.events % 5'000'000 == 0) {
        double now = cpu_seconds();
        report("write", run, run.events - reported, now - reported_cpu);
        reported_cpu = now;
        reported = run.events;
        run.foreground = run.foreground_cpu = run.waited = run.worst_batch = 0;
      }
    }
    run.state.wait_flushed();
    std::printf("all in all %.0f ns CPU/event\n",
                (cpu_seconds() - cpu) / static_cast<double>(run.events) * 1e9);
  }
  auto start = Clock::now();
  Run run(argv[1]);
  std::printf("restart: serves after %.3f s\n", seconds_since(start));
  run.count = run.state.checkpoint().next_offset;
  uint64_t batches = 0;
  for (; batches < 5; ++batches) run.batch(random);
  double slow = run.foreground_cpu / static_cast<double>(batches * kBatch) * 1e9;
  // A batch that is far cheaper tells that the filter is there.
  while (seconds_since(start) < 60) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    run.foreground_cpu = 0;
    run.batch(random);
    if (run.foreground_cpu / kBatch * 1e9 < slow / 5) break;
  }
  std::printf(
      "restart: %.0f ns CPU/event without the filter, which was there after %.1f s; wrong answers %lu\n",
      slow, seconds_since(start), run.wrong);
}
