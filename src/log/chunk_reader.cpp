#include <xxhash.h>

#include <cstring>
#include <deque>

#include "env/newer_format.h"
#include "log/chunk.h"
#include "log/chunk_parts.h"
#include "log/column.h"

namespace lode::log {

namespace {

[[noreturn]] void corrupt(const std::string& what) { throw record::Corruption("log chunk: " + what); }

template <typename T>
T load(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// The records' texts in their order.
class Texts {
 public:
  Texts(SectionReader& sections, size_t records)
      : kinds_{read_planes(sections, records), read_planes(sections, records)},
        raw_bytes_(sections.next()),
        raw_(raw_bytes_) {
    for (const size_t part : {kPayload, kContact}) {
      const std::string arounds = sections.next();
      for (VarintReader in(arounds); !in.done();)
        splits_[part].push_back(
            split_text(in.bytes(in.next()), part == kPayload ? kPayloadRoot : kContactRoot, paths_));
    }
    while (columns_.size() < paths_.size()) columns_.emplace_back(sections);
    for (const ColumnReader& column : columns_)
      if (column.told_by() > columns_.size()) corrupt("values foretold by no column");
  }

  // One after the other for each record.
  static constexpr size_t kPayload = 0, kContact = 1;
  void read(size_t record, size_t part, std::string& out) {
    const uint64_t kind = kinds_[part][record];
    out.clear();
    if (kind == kNoText) return;
    if (kind == kRawText) {
      out = raw_.bytes(raw_.next());
      return;
    }
    if (kind - kFirstSplit >= splits_[part].size()) corrupt("a text of no known kind");
    const SplitText& split = splits_[part][kind - kFirstSplit];
    for (size_t i = 0; i < split.columns.size(); ++i) {
      out += split.around.places[i].before;
      ColumnReader& column = columns_[split.columns[i]];
      column.append_next(out, column.told_by() ? columns_[column.told_by() - 1].current() : 0);
    }
    out += split.around.end;
  }

 private:
  std::vector<uint64_t> kinds_[2];
  std::string raw_bytes_;
  VarintReader raw_;
  Paths paths_;
  std::vector<SplitText> splits_[2];
  std::deque<ColumnReader> columns_;  // not moved: they point into themselves
};

struct EntryFacts {
  EntryHead head;
  bool batch = false;
  event::Micros time;
  record::Origin origin;
  uint64_t records = 0;
};

std::vector<EntryFacts> read_entries(const ChunkHead& head, std::string_view bytes) {
  std::vector<EntryFacts> out;
  VarintReader in(bytes);
  uint64_t term = 0, sequence = 0;
  uint64_t time = 0;
  for (uint32_t i = 0; i < head.entries; ++i) {
    EntryFacts entry;
    term += static_cast<uint64_t>(in.next_signed());
    const uint64_t type = in.next();
    entry.head = {{head.first.value + i}, {term}, static_cast<EntryType>(type >> 1)};
    entry.batch = type & 1;
    if (entry.batch) {
      time += static_cast<uint64_t>(in.next_signed());
      entry.time = {static_cast<int64_t>(time)};
      entry.origin.node = in.next();
      sequence += static_cast<uint64_t>(in.next_signed());
      entry.origin.sequence = sequence;
      entry.records = in.next();
    }
    out.push_back(entry);
  }
  if (!in.done()) corrupt("more entries than it says");
  return out;
}

}  // namespace

ChunkHead read_chunk_head(std::string_view bytes) {
  if (bytes.size() < kChunkSectionsAt || std::memcmp(bytes.data(), kChunkMagic, sizeof kChunkMagic) != 0)
    corrupt("these bytes are none");
  if (const auto version = load<uint8_t>(bytes, 4); version != kChunkVersion)
    corrupt(env::newer_format("it", version, kChunkVersion));
  if (load<uint64_t>(bytes, kChunkChecksumAt) != XXH3_64bits_withSeed(bytes.data() + kChunkCheckedFrom,
                                                                      bytes.size() - kChunkCheckedFrom,
                                                                      load<uint64_t>(bytes, 0)))
    corrupt("checksum mismatch");
  return {{load<uint64_t>(bytes, kChunkFirstAt)},
          load<uint32_t>(bytes, kChunkEntriesAt),
          load<uint32_t>(bytes, kChunkDictionaryAt)};
}

std::vector<StoredEntry> read_chunk(std::string_view bytes,
                                    const std::function<const Dictionary&(uint32_t)>& dictionary) {
  const ChunkHead head = read_chunk_head(bytes);
  SectionReader sections(bytes.substr(kChunkSectionsAt),
                         head.dictionary ? &dictionary(head.dictionary) : nullptr);
  const std::vector<EntryFacts> entries = read_entries(head, sections.next());
  const std::string opaque_bytes = sections.next(), formats = sections.next(),
                    retries_bytes = sections.next(), gap_bytes = sections.next();
  Texts texts(sections, formats.size());
  VarintReader opaque(opaque_bytes), retries(retries_bytes), gaps(gap_bytes);

  std::vector<StoredEntry> out;
  out.reserve(entries.size());
  record::BatchWriter writer;
  std::string payload, contact;
  size_t next = 0;
  for (const EntryFacts& entry : entries) {
    StoredEntry& stored =
        out.emplace_back(StoredEntry{entry.head.index, entry.head.term, entry.head.type, {}});
    if (!entry.batch) {
      stored.payload = opaque.bytes(opaque.next());
      continue;
    }
    if (entry.records > formats.size() - next) corrupt("records are missing");
    for (uint64_t i = 0; i < entry.records; ++i, ++next) {
      record::RecordView record;
      texts.read(next, Texts::kPayload, payload);
      texts.read(next, Texts::kContact, contact);
      const auto format = static_cast<uint8_t>(formats[next]);
      record.payload = payload;
      record.contact = contact;
      if (!retries_bytes.empty()) record.retry_of = static_cast<int64_t>(retries.next()) - 1;
      if (format == kGapFormat) {
        const std::string_view keys = gaps.bytes(20);
        record.gap =
            record::GapKeys{load<uint64_t>(keys, 0), load<uint32_t>(keys, 8), load<uint64_t>(keys, 12)};
      } else {
        record.format = static_cast<event::Format>(format);
      }
      writer.add(record);
    }
    const bool told = entry.origin.node != 0;
    stored.payload = writer.encode_plain(entry.time, told ? std::optional(entry.origin) : std::nullopt);
  }
  if (next != formats.size()) corrupt("records that belong to no entry");
  return out;
}

}  // namespace lode::log
