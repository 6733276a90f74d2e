// The record batch: what one log entry holds. Events as they were sent (JSON or FlatBuffers), contact data in
// a separate part, one receive time, in a FlatBuffers envelope, zstd-compressed, checksummed. Bytes:
// FORMAT.md. Pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"

namespace lode::record {

// The bytes are not a record batch this program can read: torn, flipped, or of a newer format.
class Corruption : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Who made a batch: no two nodes, and no node twice, make the same bytes then.
struct Origin {
  uint64_t node = 0;  // from 1
  uint64_t sequence = 0;
  friend bool operator==(const Origin&, const Origin&) = default;
};

// What compaction leaves of a record that it drops, so that its id stays known and its place is taken: the
// hash of its idempotency key, and of its content. What its payload then holds is all that counts besides:
// the same event without what is superseded.
struct GapKeys {
  uint64_t key_high = 0;
  uint32_t key_low = 0;
  uint64_t content = 0;
  friend bool operator==(const GapKeys&, const GapKeys&) = default;
};

// One record as the batch holds it; views point into the RecordBatch.
struct RecordView {
  event::Format format = event::Format::json;
  std::string_view payload;  // 64 readable bytes follow every payload
  std::string_view contact;
  int64_t retry_of = -1;
  std::optional<GapKeys> gap = {};  // of one that was dropped
};

// Collects events and encodes them. Reusable, not thread-safe.
class BatchWriter {
 public:
  explicit BatchWriter(int zstd_level = 1);
  ~BatchWriter();
  BatchWriter(BatchWriter&&) noexcept;

  void add(const event::Event& event);  // copies format, payload, contact, retry_of
  void add(const RecordView& record);   // of another batch
  uint32_t count() const;
  uint64_t bytes() const;  // uncompressed so far
  // The encoded batch; the writer is empty afterwards. `receive_time`: when the node took the events in.
  std::string encode(event::Micros receive_time, const std::optional<Origin>& origin = std::nullopt);
  // The same, not compressed: for who reads it at once.
  std::string encode_plain(event::Micros receive_time, const std::optional<Origin>& origin = std::nullopt);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A decoded batch: owns the decompressed bytes.
class RecordBatch {
 public:
  // Verifies the checksum and the envelope. Throws Corruption.
  static RecordBatch decode(std::string_view bytes);

  event::Micros receive_time() const { return receive_time_; }
  const std::optional<Origin>& origin() const { return origin_; }
  uint32_t count() const { return static_cast<uint32_t>(records_.size()); }
  const RecordView& operator[](uint32_t i) const { return records_[i]; }
  // Keeps the bytes that views point into alive on their own.
  std::shared_ptr<const std::string> buffer() const { return buffer_; }

 private:
  event::Micros receive_time_;
  std::optional<Origin> origin_;
  std::vector<RecordView> records_;
  std::shared_ptr<const std::string> buffer_;
};

}  // namespace lode::record
