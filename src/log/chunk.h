// Many old entries in one run of bytes: their record batches' records taken apart into columns, each with
// what it takes least as. Given back are entries with the same index, term, type and records; a record
// batch's bytes are other ones (not compressed), those of any other entry the same. Bytes: FORMAT.md. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "log/log.h"
#include "log/section.h"
#include "record/batch.h"

namespace lode::log {

struct ChunkHead {
  record::EntryIndex first;
  uint32_t entries = 0;     // from `first` on
  uint32_t dictionary = 0;  // its number; 0: none
  record::EntryIndex last() const { return {first.value + entries - 1}; }
};
// Checks the checksum of all of it. Throws record::Corruption.
ChunkHead read_chunk_head(std::string_view bytes);
// `dictionary` is asked for when the chunk has one; what it gives outlives the call.
std::vector<StoredEntry> read_chunk(std::string_view bytes,
                                    const std::function<const Dictionary&(uint32_t number)>& dictionary);

// One thread.
class ChunkWriter {
 public:
  // `dictionary`: null, or with a level to write at; outlives the writer.
  ChunkWriter(const Dictionary* dictionary, uint32_t number, int level);
  ~ChunkWriter();

  // Entries follow each other without a gap. A record batch's records may be others than those in the log.
  void add(const EntryHead& head, std::string_view payload);  // no record batch
  void add(const EntryHead& head, const record::RecordBatch& batch,
           std::span<const record::RecordView> records);
  // What views of records point into, until encode().
  void keep(std::shared_ptr<const std::string> bytes);

  uint64_t bytes() const;  // of what was added, uncompressed
  uint32_t entries() const;
  // The chunk; the writer is empty afterwards. There is one entry at least.
  std::string encode();
  // The texts that a dictionary may make smaller, of the chunk that was encoded last.
  const std::vector<std::string>& texts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A dictionary of the texts that come again in several of `chunks` (ChunkWriter::texts()); "" when there is
// too little to gain.
std::string train_dictionary(const std::vector<std::vector<std::string>>& chunks);

}  // namespace lode::log
