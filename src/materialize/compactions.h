// Which controls of the log say what is compacted, and which of them this node has carried out. Kept beside
// the log as one value (FORMAT.md), a fact of this node alone. Threads: any. One object a log.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "log/log.h"

namespace lode::materialize {

struct Compaction {
  record::EntryIndex control;
  bool done = false;
  friend bool operator==(const Compaction&, const Compaction&) = default;
};

class Compactions {
 public:
  explicit Compactions(log::Log& log) : log_(log) {}

  // Ascending. Those whose control the log no longer has are of no use: what they say is of entries before
  // them. Throws record::Corruption.
  std::vector<Compaction> all() const;
  bool any_open() const;
  // Durable when they return. One that is there already stays as it is.
  void add(record::EntryIndex control);
  void mark_done(const std::vector<record::EntryIndex>& controls);
  // All are to be carried out again: entries came back as they were before.
  void reopen();
  // Those that the log has lost, at either end, go.
  void forget_lost();

 private:
  std::vector<Compaction> load() const;
  void save(const std::vector<Compaction>& all);

  log::Log& log_;
  mutable std::mutex mutex_;
};

}  // namespace lode::materialize
