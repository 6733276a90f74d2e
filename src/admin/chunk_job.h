// Entries of the log brought into chunks: from what they are now to the bytes of a chunk, with gaps where
// records are dropped. Reads; writes nothing.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "admin/entry_rows.h"
#include "event/record_decoder.h"
#include "log/chunk.h"
#include "log/log.h"

namespace lode::admin {

struct ChunkSource {
  const log::Log& log;
  record::GroupId group;
  const store::Hasher& hasher;
  const materialize::Current& current;
};

struct ChunkDictionary {
  uint32_t number = 0;  // 0: none
  std::unique_ptr<log::Dictionary> bytes;
};

struct ChunkRange {
  record::EntryIndex first, last;
};

class ChunkJob {
 public:
  static constexpr uint64_t kChunkBytes = 8u << 20;  // of a chunk, before it is packed
  static constexpr int kLevel = 19;

  // `dropped`: ascending; both outlive the job.
  ChunkJob(const ChunkSource& source, const std::vector<record::Offset>& dropped,
           const ChunkDictionary& dictionary);

  struct Made {
    std::string chunk;
    record::EntryIndex last;
    uint64_t payload_bytes = 0;  // of the entries, as they are now
    uint64_t records = 0;
    uint64_t gaps = 0;      // that are new, of upserts
    uint64_t repeated = 0;  // likewise, of items without an offset
  };
  // Of the range's entries: as many as make one chunk, or all with `whole`. There is one at least. `look` is
  // called for each entry, and may throw.
  Made make(const ChunkRange& range, bool whole, const std::function<void()>& look);
  // log::ChunkWriter::texts() of the last one.
  const std::vector<std::string>& texts() const { return writer_.texts(); }

 private:
  void add(const log::StoredEntry& entry, EntryRows& rows, Made& made);
  record::RecordView gap_in_place_of(const record::RecordView& record, bool upsert, uint64_t entry);

  const ChunkSource& source_;
  const std::vector<record::Offset>& dropped_;
  log::ChunkWriter writer_;
  event::RecordDecoder decoder_;
  event::EventBatch events_;
};

}  // namespace lode::admin
