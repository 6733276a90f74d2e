// Makes a state of about so many MB, and fetches it into another process over loopback: how fast, and with
// how much memory on both sides. snapshot_bench FOLDER [MB] [window]; FOLDER is removed at the end.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>

#include "peer/network.h"
#include "snapshot/fetch.h"
#include "snapshot/source.h"
#include "store/keyed_table.h"
#include "store/rocksdb_disk.h"

namespace {

using namespace lode;
using Clock = std::chrono::steady_clock;

constexpr size_t kRowBytes = 400;
constexpr size_t kRowsAtOnce = 160'000;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

size_t memory_mb(const std::string& which) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    size_t kilobytes = 0;
    if (word == which + ":" && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

peer::Settings settings_of(uint64_t node) {
  peer::Settings settings;
  settings.node = {node};
  settings.cluster.bytes.fill(1);
  settings.listen = "127.0.0.1:0";
  return settings;
}

peer::Callbacks welcome_all() {
  return {[](raft::NodeId, raft::Message) {}, [](const peer::Caller&) { return std::nullopt; }};
}

std::vector<store::Family> families() { return {{"rows"}, {"ids", nullptr, true}}; }

void fill(store::RocksDbDisk& disk, size_t bytes) {
  std::mt19937_64 random(1);
  std::string value(kRowBytes, '\0');
  uint64_t key = 0, entry = 0;
  while (disk.disk_bytes() < bytes) {
    auto ingestion = disk.ingest();
    for (const store::Family& family : families()) {
      ingestion->begin(family.name);
      for (size_t i = 0; i < kRowsAtOnce / 2; ++i) {
        for (size_t at = 0; at + 8 <= value.size(); at += 8) {
          const uint64_t word = random();
          value.replace(at, 8, reinterpret_cast<const char*>(&word), 8);
        }
        ingestion->put(store::key_of(++key), value);
      }
    }
    ingestion->begin(store::kMetaFamily);
    ingestion->put(store::kCheckpointKey, store::encode_checkpoint({key, ++entry, 0, 1}));
    ingestion->commit();
  }
}

void give(const std::filesystem::path& home, size_t bytes, int to_taker, pid_t taker) {
  store::RocksDbDisk disk(home / "state", families());
  fill(disk, bytes);
  env::SystemClock clock;
  snapshot::Source source(
      {.folder = home / "outgoing"},
      [&](const std::filesystem::path& folder) { return disk.copy_to(folder); }, clock);
  peer::Network network(settings_of(1), welcome_all(), clock);
  network.handle(snapshot::kCallKind, source.handler());
  network.start();
  forget_peak();
  const size_t before = memory_mb("VmRSS");
  const std::string address = network.address();
  if (write(to_taker, address.data(), address.size()) < 0) std::perror("write");
  close(to_taker);
  waitpid(taker, nullptr, 0);
  std::printf("source:   memory %zu MB before, %zu MB at most\n", before, memory_mb("VmHWM"));
  network.stop();
}

void take(const std::filesystem::path& home, uint32_t window, int from_giver) {
  char address[64] = {};
  if (read(from_giver, address, sizeof address - 1) <= 0) return;
  env::SystemClock clock;
  peer::Network network(settings_of(2), welcome_all(), clock);
  network.set_peers({{{1}, address}});
  network.start();
  forget_peak();
  const size_t before = memory_mb("VmRSS");
  const auto begin = Clock::now();
  std::optional<Clock::time_point> first;
  snapshot::Fetch fetch(
      {.folder = home / "incoming", .window = window, .first_pause = std::chrono::milliseconds(5)},
      [&](raft::NodeId to, peer::Bytes body, std::chrono::milliseconds timeout, peer::Done done) {
        if (!first && std::holds_alternative<snapshot::Read>(snapshot::decode_request(body.view)))
          first = Clock::now();
        network.call(to, snapshot::kCallKind, std::move(body), timeout, std::move(done));
      },
      {}, [](auto) { return raft::NodeId{1}; });
  if (!fetch.run()) return;
  const double took = seconds_since(*first), all = seconds_since(begin);
  const double megabytes = static_cast<double>(fetch.progress().of_bytes) / 1e6;
  std::printf("fetched:  %.0f MB in %.2f s, %.0f MB/s; before that %.2f s to prepare\n", megabytes, took,
              megabytes / took, all - took);
  std::printf("receiver: memory %zu MB before, %zu MB at most\n", before, memory_mb("VmHWM"));
  network.stop();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: snapshot_bench FOLDER [MB] [window]\n");
    return 2;
  }
  const std::filesystem::path home = argv[1];
  const size_t bytes = (argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1000) << 20;
  const auto window = static_cast<uint32_t>(argc > 3 ? std::atoi(argv[3]) : 8);
  std::filesystem::create_directories(home);
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return 1;
  const pid_t taker = fork();  // before there are threads
  if (taker == 0) {
    close(pipe_ends[1]);
    take(home, window, pipe_ends[0]);
    return 0;
  }
  close(pipe_ends[0]);
  give(home, bytes, pipe_ends[1], taker);
  std::filesystem::remove_all(home);
  return 0;
}
