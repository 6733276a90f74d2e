// Records of the log as they are shown, and their lookup by offset.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "query/log_query.h"
#include "record/batch.h"

namespace lode::query {

// offset, received_at, format, event, retry_of, and with `contact` the contact part.
std::vector<Value> log_row(uint64_t offset, event::Micros received_at, const record::RecordView& record,
                           bool contact);

// The payload of an entry that is applied; nothing: it is not in the log any more. A leader applies what a
// majority has, at times a moment before its own disk has it: waits for that. Throws std::runtime_error after
// ten seconds.
std::optional<log::StoredEntry> read_applied(const log::Log& log, record::EntryIndex entry);

// Reads records one by one, in order of offset at best: those of one batch cost one read of the log. One
// thread; takes the state's mutex (shared) itself, shortly.
class RecordLookup {
 public:
  explicit RecordLookup(const LogSource& source) : source_(source) {}

  // A log_row(); nothing: no such record, or it is not in the log any more, or a gap.
  std::optional<std::vector<Value>> find(uint64_t offset, bool contact);
  // When its batch came in; nothing: it is not in the log any more. Also of a record that compaction took out
  // of a batch that is there.
  std::optional<event::Micros> received_at(uint64_t offset);
  uint64_t bytes_read() const { return bytes_read_; }  // of decompressed batches

 private:
  bool load(record::Offset offset);

  const LogSource& source_;
  std::optional<sequence::IndexedEntry> entry_;  // of the batch at hand
  std::optional<record::RecordBatch> batch_;
  uint64_t bytes_read_ = 0;
};

}  // namespace lode::query
