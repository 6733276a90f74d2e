// Brings another node's state here, piece by piece: the side that asks. Several reads are in flight; each
// piece and each file is checked, and on stable storage before it counts. Whatever goes wrong, a lost
// connection, a snapshot that was given up, a node that is gone, a full disk, a killed process, it goes on
// with what is there already, from whichever node it is told to ask; it ends only when all is there, when
// it is cancelled, or when the ruleset that is wanted is no longer to be had.
//
// Wiring, on a thread of its own (raft::Listener::install wants one):
//   snapshot::Fetch fetch({.folder = data_dir / "incoming", .reserved_disk_bytes = …},
//                         [&](auto to, auto body, auto timeout, auto done) {
//                           network.call(to, snapshot::kCallKind, std::move(body), timeout, std::move(done));
//                           },
//                         {.least_entry = snapshot.index.value, .ruleset_hash = …},
//                         [&](auto failed) { return leader or another connected node; });
//   auto fetched = fetch.run();                     // meanwhile fetch.progress() for status, fetch.cancel()
//   to stop if (fetched) { open a Generation on fetched->folder, moved to where generations lie; swap it in;
//                  the log goes on behind the snapshot: Replica::install_done(…, true); }
// The state's files are a RocksDbDisk's. fetched->checkpoint may be newer than what Raft's snapshot says:
// entries up to checkpoint.entry_index that come again are not to be applied.
//
// Threads: run() on one; everything else from any.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "peer/call.h"
#include "snapshot/message.h"

namespace lode::snapshot {

// `done` runs once, on any thread.
using Call = std::function<void(raft::NodeId to, peer::Bytes body, std::chrono::milliseconds timeout,
                                peer::Done done)>;

// Whom to ask, before each try; `failed`: who was asked last, in vain. Nothing: nobody now.
using ChooseNode = std::function<std::optional<raft::NodeId>(std::optional<raft::NodeId> failed)>;

struct FetchSettings {
  std::filesystem::path folder;  // <data_dir>/incoming: its own
  uint64_t reserved_disk_bytes = 0;
  uint32_t piece_bytes = kMaxPieceBytes;
  uint32_t window = 8;                             // reads in flight
  std::chrono::milliseconds call_timeout{30'000};  // half the window after one that was too late
  std::chrono::milliseconds first_pause{100};      // between two tries; doubled for each in vain
  std::chrono::milliseconds longest_pause{5'000};
};

struct FetchProgress {
  uint64_t done_bytes = 0, of_bytes = 0;  // of_bytes 0: not known yet
  store::Checkpoint checkpoint;           // of the state that is fetched
  raft::NodeId from;                      // 0: nobody yet
  std::string doing;                      // "fetching", "waiting for node 2 to prepare (40 %)", …
  std::string trouble;                    // of the last try, "" while all is well
};

struct Fetched {
  std::filesystem::path folder;  // a whole state; of the caller from now on
  store::Checkpoint checkpoint;
};

class Fetch {
 public:
  Fetch(FetchSettings settings, Call call, Wanted wanted, ChooseNode choose);
  ~Fetch();  // calls still under way are of no consequence

  // Blocks. Nothing: it was cancelled, or whoever is asked has states of another ruleset only, told in
  // progress(): find out again which one it is. What was fetched stays for the next Fetch into the folder.
  // Throws std::filesystem::filesystem_error when the folder can't be made. Once.
  std::optional<Fetched> run();
  void cancel();
  FetchProgress progress() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::snapshot
