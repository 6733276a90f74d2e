// Drops the entries of a stopped node's log that are older than `first kept`, as retention does while it
// runs. drop_log_prefix DATA_DIR FIRST_KEPT_ENTRY; says how many entries there were.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "log/rocksdb_log.h"
#include "raft/configuration.h"
#include "raft/recovery.h"

int main(int argc, char** argv) {
  using namespace lode;
  if (argc != 3) return 2;
  constexpr record::GroupId kGroup{0};
  log::RocksDbLog log(log::RocksDbLogOptions{.path = std::string(argv[1]) + "/log"});
  const record::EntryIndex kept{std::strtoull(argv[2], nullptr, 10)}, last = log.last_index(kGroup);
  std::printf("%llu\n", static_cast<unsigned long long>(last.value));
  const raft::Recovered recovered = raft::recover(log, kGroup);
  raft::Snapshot floor;
  if (recovered.snapshot) floor = *recovered.snapshot;
  if (kept.value <= floor.index.value + 1 || kept.value > last.value + 1) return 1;
  for (const auto& [index, payload] : recovered.changes) {
    if (index >= kept.value) break;
    floor.configuration = raft::decode_configuration(payload).value();
    floor.configuration_index = {index};
  }
  floor.term = log.read(kGroup, {kept.value - 1})->term;
  floor.index = {kept.value - 1};
  raft::save_floor(log, kGroup, floor);
  log.truncate_prefix(kGroup, kept);
  return 0;
}
