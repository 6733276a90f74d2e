// Gives this node's state to other nodes, piece by piece: the side that is asked. A snapshot is a folder of
// hard links to the state's files, so it costs next to nothing until the state's merges drop files that are
// then kept by it alone; therefore few at once, none for longer than somebody reads, and none while the disk
// is nearly full. What is left of an earlier process is removed at the start.
//
// Codes of failed calls: bad_request, busy (too many snapshots, or requests that wait), no_room (the disk is
// nearly full), no_state (there is none that could be given), behind, other_ruleset, unknown_snapshot (it was
// given up: open again), failed (a file can't be read), timed_out, stopping.
//
// Wiring, once a process:
//   snapshot::Source source({.folder = data_dir / "outgoing", .reserved_disk_bytes = …},
//                           [&](const auto& folder) { return current.get()->state().copy_to(folder); },
//                           clock);
//   network.handle(snapshot::kCallKind, source.handler());  // before network.start()
//   … raft::prunable({…, .held = source.held_entry(), …})    // the log behind it is kept
//   network.stop(); source.stop();
// A generation that is let go meanwhile lives until its copy is made, as current.get() holds it.
//
// Threads: one of its own does everything; calls come from any.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "env/clock.h"
#include "peer/call.h"
#include "record/types.h"
#include "store/checkpoint.h"

namespace lode::snapshot {

struct SourceSettings {
  std::filesystem::path folder;  // <data_dir>/outgoing: its own, on the state's file system
  uint64_t reserved_disk_bytes = 0;
  uint64_t bytes_per_second = 0;  // 0: no bound
  size_t most_snapshots = 2;
  std::chrono::microseconds keep = std::chrono::minutes{10};  // after the last read
};

class Source {
 public:
  // Makes a copy of the state in `folder`, which is not there yet, and says which checkpoint it is. Runs on
  // the source's thread; what it throws is told to the node that asked.
  using Make = std::function<store::Checkpoint(const std::filesystem::path& folder)>;

  // Throws std::filesystem::filesystem_error. The clock must outlive it.
  Source(SourceSettings settings, Make make, const env::Clock& clock);
  ~Source();  // stop()

  // Never blocks, any thread; `done` runs once, on the source's thread or within the call.
  void handle(raft::NodeId from, uint32_t timeout_ms, peer::Bytes body, const peer::Done& done);
  // The same for peer::Network::handle. The source must outlive the network's thread.
  peer::Handler handler();

  // The lowest entry that a snapshot being read was made up to: whoever reads it needs the log from there on.
  std::optional<record::EntryIndex> held_entry() const;

  // Answers what waits with `stopping`, removes the snapshots; from then on everything is answered so.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::snapshot
