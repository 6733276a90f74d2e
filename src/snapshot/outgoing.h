// One snapshot that is offered: a folder of files that no longer change, and their hashes, made little by
// little. The folder goes with it. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "peer/call.h"
#include "snapshot/file.h"
#include "snapshot/message.h"

namespace lode::snapshot {

// Hashes that are known already, by what a hard link shares with the file: the next snapshot has most tables
// of the last one.
using KnownHashes = std::map<std::tuple<uint64_t, uint64_t, uint64_t, int64_t>, ContentHash>;

class Outgoing {
 public:
  // All files of `folder`. Throws std::filesystem::filesystem_error. `known` outlives it.
  Outgoing(std::filesystem::path folder, uint64_t id, const store::Checkpoint& checkpoint,
           KnownHashes& known);
  ~Outgoing();
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  bool is_ready() const { return at_ == manifest_.files.size(); }
  // Reads some more; throws std::system_error.
  void hash_some(size_t bytes);
  Opened opened() const;
  const store::Checkpoint& checkpoint() const { return manifest_.checkpoint; }
  uint64_t id() const { return manifest_.id; }

  bool holds(const Read& read) const;
  // The answer to a read that it holds. Throws std::system_error.
  std::string read_piece(const Read& read) const;

  // Who has opened it, and when something of it was asked for last. For the Source.
  std::set<raft::NodeId> readers;
  int64_t used_micros = 0;

 private:
  void finish_hash(const ContentHash& hash);

  const std::filesystem::path folder_;
  KnownHashes& known_;
  Manifest manifest_;
  size_t at_ = 0;  // the file that is hashed next
  uint64_t hashed_bytes_ = 0;
  std::optional<File> file_;
  uint64_t offset_ = 0;
  std::optional<ContentHasher> hasher_;  // of the bytes before offset_
};

}  // namespace lode::snapshot
