// Replay of single-line purchases from a log on the disk into silver and all five views on the disk. Usage:
// replay_bench FOLDER [events] [cores] [events an entry]. FOLDER/log is made when it is not there, and kept.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "event/json.h"
#include "generate/purchase_stream.h"
#include "log/rocksdb_log.h"
#include "materialize/build.h"
#include "property/engine.h"
#include "record/batch.h"
#include "store/rocksdb_disk.h"

namespace {

using namespace lode;
using Clock = std::chrono::steady_clock;

constexpr record::GroupId kGroup{0};
constexpr event::Micros kReceived{1'767'225'600'000'000};  // 2026-01-01: after all that the stream says

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// Of the process now, in MiB.
uint64_t resident() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("VmRSS:")) return std::strtoul(line.c_str() + 6, nullptr, 10) / 1024;
  return 0;
}

void write_log(log::Log& log, uint64_t events, uint32_t batch_events) {
  generate::PurchaseStream stream({});
  event::JsonDecoder decoder;
  record::BatchWriter writer;
  uint64_t number = 0;
  for (uint64_t entry = 1; number < events; ++entry) {
    event::EventBatch batch;
    for (uint32_t i = 0; i < batch_events && number < events; ++i)
      decoder.decode_json(std::make_shared<const std::string>(stream.json(number++)), batch);
    for (const event::Event& event : batch.events) writer.add(event);
    const std::string payload = writer.encode(kReceived);
    const log::Entry appended{{entry}, {1}, log::EntryType::batch, payload};
    log.append(kGroup, {&appended, 1});
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "replay_bench FOLDER [events] [cores] [events an entry]\n"), 2;
  const std::filesystem::path folder = argv[1];
  const uint64_t events = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 5'000'000;
  const auto cores = static_cast<uint32_t>(argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 2);
  const auto batch = static_cast<uint32_t>(argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 1000);
  std::filesystem::create_directories(folder);
  log::RocksDbLog log({.path = folder / "log"});
  if (log.last_index(kGroup).value == 0) write_log(log, events, batch);
  const record::EntryIndex last = log.last_index(kGroup);

  const store::Hasher hasher({1, 2, 3});
  const std::filesystem::path state = folder / "state";
  store::RocksDbDisk::remove(state);
  auto open = [&] {
    return std::make_shared<materialize::Generation>(
        test::shipped_rules(), hasher, materialize::Settings{},
        [&](const auto& families) { return std::make_unique<store::RocksDbDisk>(state, families); });
  };
  const double cpu = cpu_seconds();
  const Clock::time_point start = Clock::now();
  materialize::Build build(log, kGroup, hasher, open, [last] { return last; }, {cores, 0, false});
  uint64_t peak = 0;
  while (!build.wait_for(last, std::chrono::milliseconds(100)) && build.trouble().empty())
    peak = std::max(peak, resident());
  const double applied = seconds_since(start);
  auto generation = build.finish(materialize::Build::Epochs::waited_for);
  if (!generation || !build.trouble().empty())
    return std::fprintf(stderr, "%s\n", build.trouble().c_str()), 1;
  generation->materializer().checkpoint();
  const double durable = seconds_since(start), spent = cpu_seconds() - cpu;
  peak = std::max(peak, resident());
  const uint64_t count = generation->materializer().next_offset().value;
  uint64_t refused = 0;
  generation->tables().scan_quarantined(0, [&](uint64_t, const auto&) { return ++refused < 100; });
  if (refused > 0)
    return std::fprintf(stderr, "some events are in quarantine: the figure would be wrong\n"), 1;
  const auto lines = static_cast<double>(count);
  std::printf(
      "%lu purchases: %.0f lines/s applied, %.0f lines/s on the disk; %.2f us of CPU a line, %lu MiB at "
      "most, "
      "hash %s\n",
      count, lines / applied, lines / durable, spent / lines * 1e6, peak,
      generation->materializer().state_hash().digests.all().hex().c_str());
  return count == events ? 0 : 1;
}
