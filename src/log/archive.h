// Which old entries of a group lie in chunks (chunk.h), and what is at hand of chunks that were read. The
// rules that every log keeps.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log/chunk.h"
#include "log/extent.h"
#include "log/size_marks.h"

namespace lode::log {

// The name of a dictionary among the log's facts (Log::get_meta); numbers begin at 1, and what a number
// stands for never changes.
std::string dictionary_name(uint32_t number);

// Chunks without a gap between them, in front of all other entries. Pure.
class Archive {
 public:
  // In order, as they were kept.
  void load(const ArchivedChunk& chunk) { chunks_.push_back(chunk); }

  uint64_t last() const { return chunks_.empty() ? 0 : chunks_.back().last; }  // 0: no chunk
  const ArchivedChunk* find(uint64_t index) const;
  const std::vector<ArchivedChunk>& chunks() const { return chunks_; }

  // Those whose place `chunk` takes: they begin and end where it does, or inside of it. Throws
  // std::logic_error when it leaves a gap, ends behind the log, or cuts one in two.
  std::vector<ArchivedChunk> replaced_by(const ChunkHead& chunk, const Extent& extent) const;
  void add(const ArchivedChunk& chunk);
  // Those that end before `first_kept` go: they are answered.
  std::vector<ArchivedChunk> drop_prefix(uint64_t first_kept);
  // Those that hold an entry from `from` on go: they are answered.
  std::vector<ArchivedChunk> drop_suffix(uint64_t from);

  uint64_t bytes_from(uint64_t first) const;
  // As SizeMarks::last_beyond, when the entries behind all chunks have `bytes_behind`.
  uint64_t last_beyond(uint64_t kept_bytes, uint64_t bytes_behind) const;

 private:
  std::vector<ArchivedChunk> chunks_;
};

// Log::last_beyond() of a group's chunks and what is behind them.
uint64_t last_beyond_of(const Archive& archive, const SizeMarks& behind, uint64_t kept_bytes);

// Throws std::logic_error when entries from `from` on can't go: a chunk's are final.
void require_behind_archive(const Archive& archive, record::EntryIndex from);

// Entries of the chunks that were read last, and all dictionaries. Any thread.
class ChunkCache {
 public:
  using Entries = std::shared_ptr<const std::vector<StoredEntry>>;
  using ReadFact = std::function<std::optional<std::string>(std::string_view name)>;

  // `fact` gives a dictionary's bytes. Throws record::Corruption.
  Entries decode(std::string_view chunk, const ReadFact& fact);
  Entries find(record::GroupId group, uint64_t last) const;  // null: not at hand
  void keep(record::GroupId group, uint64_t last, Entries entries);
  void forget();  // chunks: others may have taken their place

 private:
  static constexpr size_t kKept = 2;
  struct One {
    record::GroupId group;
    uint64_t last = 0;
    Entries entries;
  };
  mutable std::mutex mutex_;
  std::vector<One> kept_;
  std::map<uint32_t, std::unique_ptr<Dictionary>> dictionaries_;
};

}  // namespace lode::log
