// The folders of generations beside the one that serves: one that a replay builds, the one that served
// before, and kept snapshots of the state. Kept in the log's own facts as one value (FORMAT.md), so that a
// kill anywhere leaves each folder with a meaning, or swept. Threads: any.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "log/log.h"
#include "store/checkpoint.h"

namespace lode::materialize {

struct Bystander {
  enum class Role : uint8_t {
    building = 1,  // a replay builds it, or has to go on
    built = 2,     // a dry run built it: it may be promoted
    former = 3,    // served before
    snapshot = 4,  // the state at a checkpoint, for replays to start from
    copy = 5       // of the one that serves, while it is compared
  };
  uint64_t folder = 0;
  Role role = Role::building;
  store::Checkpoint at;  // of a snapshot and a copy; of the others where they stood when this was written
  int64_t made_micros = 0;
  friend bool operator==(const Bystander&, const Bystander&) = default;
};

class Bystanders {
 public:
  // Reads what the log has. A folder that serves is no bystander, whatever is written: the process died
  // before it was taken out. Throws record::Corruption.
  Bystanders(log::Log& log, uint64_t serving);

  std::vector<Bystander> all() const;  // in the order in which they came
  std::vector<Bystander> in(Bystander::Role role) const;
  std::optional<Bystander> find(uint64_t folder) const;
  // Durable when they return. put() replaces what is known of that folder. For a moment there may be two that
  // served before: after a kill the last one counts.
  void put(const Bystander& one);
  void remove(uint64_t folder);

 private:
  void save() const;

  log::Log& log_;
  mutable std::mutex mutex_;
  std::vector<Bystander> all_;
};

}  // namespace lode::materialize
