#include <xxhash.h>

#include <cstring>
#include <deque>
#include <optional>
#include <stdexcept>
#include <utility>

#include "log/chunk.h"
#include "log/chunk_parts.h"
#include "log/column.h"

namespace lode::log {

namespace {

// Distinct texts around leaves, numbered as they come.
struct Arounds {
  std::unordered_map<std::string, uint64_t> numbers;
  std::vector<const std::string*> texts;

  uint64_t number(const std::string& around) {
    const auto [place, fresh] = numbers.try_emplace(around, texts.size());
    if (fresh) texts.push_back(&place->first);
    return place->second;
  }
  std::string all() const {
    std::string out;
    for (const std::string* text : texts) {
      put_varint(out, text->size());
      out += *text;
    }
    return out;
  }
};

template <typename T>
void store(std::string& to, size_t at, T value) {
  std::memcpy(to.data() + at, &value, sizeof value);
}

// What was added.
struct Added {
  uint64_t first = 0, bytes = 0;
  uint32_t entries = 0;
  uint64_t last_term = 0, last_sequence = 0;
  int64_t last_time = 0;
  std::string entry_bytes, opaque, formats, retries, gaps, raw;
  bool any_retry = false;
  Arounds payloads, contacts;
  std::vector<uint64_t> payload_kinds, contact_kinds;
  std::vector<Leaf> leaves;
  std::deque<std::shared_ptr<const std::string>> kept;
};

}  // namespace

struct ChunkWriter::Impl : Added {
  Impl(const Dictionary* dictionary, uint32_t chosen, int level)
      : sections(dictionary, level), number(chosen) {}

  void begin_entry(const EntryHead& head, bool batch);
  void add_record(const record::RecordView& record);
  void add_text(std::string_view text, event::Format format, uint64_t root, Arounds& arounds,
                std::vector<uint64_t>& kinds);
  void fill_columns();
  std::vector<std::optional<ColumnWriter::Told>> find_tellers();
  template <typename Visit>
  void walk(const Visit& visit) const;

  SectionWriter sections;
  const uint32_t number;
  std::vector<Leaf> some_leaves;
  std::string around;
  // While it is encoded:
  std::vector<SplitText> payload_splits, contact_splits;
  std::vector<ColumnWriter> columns;
  std::vector<std::string> texts;
};

ChunkWriter::ChunkWriter(const Dictionary* dictionary, uint32_t number, int level)
    : impl_(std::make_unique<Impl>(dictionary, number, level)) {}
ChunkWriter::~ChunkWriter() = default;

uint64_t ChunkWriter::bytes() const { return impl_->bytes; }
uint32_t ChunkWriter::entries() const { return impl_->entries; }
const std::vector<std::string>& ChunkWriter::texts() const { return impl_->texts; }
void ChunkWriter::keep(std::shared_ptr<const std::string> bytes) { impl_->kept.push_back(std::move(bytes)); }

void ChunkWriter::Impl::begin_entry(const EntryHead& head, bool batch) {
  if (entries == 0) first = head.index.value;
  if (head.index.value != first + entries) throw std::logic_error("a chunk's entries follow each other");
  ++entries;
  put_varint(entry_bytes,
             zigzag(static_cast<int64_t>(head.term.value - std::exchange(last_term, head.term.value))));
  put_varint(entry_bytes, static_cast<uint64_t>(head.type) << 1 | (batch ? 1 : 0));
}

void ChunkWriter::add(const EntryHead& head, std::string_view payload) {
  Impl& to = *impl_;
  to.begin_entry(head, false);
  put_varint(to.opaque, payload.size());
  to.opaque += payload;
  to.bytes += payload.size();
}

void ChunkWriter::add(const EntryHead& head, const record::RecordBatch& batch,
                      std::span<const record::RecordView> records) {
  Impl& to = *impl_;
  to.begin_entry(head, true);
  to.kept.push_back(batch.buffer());
  const int64_t time = batch.receive_time().value;
  const record::Origin origin = batch.origin().value_or(record::Origin{});
  put_varint(to.entry_bytes,
             zigzag(static_cast<int64_t>(static_cast<uint64_t>(time) -
                                         static_cast<uint64_t>(std::exchange(to.last_time, time)))));
  put_varint(to.entry_bytes, origin.node);
  put_varint(to.entry_bytes, zigzag(static_cast<int64_t>(origin.sequence -
                                                         std::exchange(to.last_sequence, origin.sequence))));
  put_varint(to.entry_bytes, records.size());
  for (const record::RecordView& record : records) to.add_record(record);
}

void ChunkWriter::Impl::add_record(const record::RecordView& record) {
  bytes += record.payload.size() + record.contact.size();
  formats += static_cast<char>(record.gap ? kGapFormat : static_cast<uint8_t>(record.format));
  put_varint(retries, static_cast<uint64_t>(record.retry_of + 1));
  any_retry |= record.retry_of >= 0;
  if (record.gap) {
    char keys[20];
    std::memcpy(keys, &record.gap->key_high, 8);
    std::memcpy(keys + 8, &record.gap->key_low, 4);
    std::memcpy(keys + 12, &record.gap->content, 8);
    gaps.append(keys, sizeof keys);
  }
  add_text(record.payload, record.format, kPayloadRoot, payloads, payload_kinds);
  add_text(record.contact, record.format, kContactRoot, contacts, contact_kinds);
}

void ChunkWriter::Impl::add_text(std::string_view text, event::Format format, uint64_t root, Arounds& arounds,
                                 std::vector<uint64_t>& kinds) {
  if (text.empty()) return kinds.push_back(kNoText);
  if (format != event::Format::flatbuffers && split_json(text, root, around, some_leaves)) {
    kinds.push_back(kFirstSplit + arounds.number(around));
    leaves.insert(leaves.end(), some_leaves.begin(), some_leaves.end());
    return;
  }
  kinds.push_back(kRawText);
  put_varint(raw, text.size());
  raw += text;
}

// Every leaf in the order of the records: its column.
template <typename Visit>
void ChunkWriter::Impl::walk(const Visit& visit) const {
  for (size_t i = 0; i < payload_kinds.size(); ++i) {
    if (payload_kinds[i] >= kFirstSplit)
      for (const uint32_t column : payload_splits[payload_kinds[i] - kFirstSplit].columns) visit(column);
    if (contact_kinds[i] >= kFirstSplit)
      for (const uint32_t column : contact_splits[contact_kinds[i] - kFirstSplit].columns) visit(column);
  }
}

void ChunkWriter::Impl::fill_columns() {
  Paths paths;
  payload_splits.clear();
  contact_splits.clear();
  for (const std::string* text : payloads.texts)
    payload_splits.push_back(split_text(*text, kPayloadRoot, paths));
  for (const std::string* text : contacts.texts)
    contact_splits.push_back(split_text(*text, kContactRoot, paths));
  columns = std::vector<ColumnWriter>(paths.size());
  size_t next = 0;
  walk([&](uint32_t column) { columns[column].add(leaves[next++].text); });
  for (ColumnWriter& column : columns) column.finish(sections);
}

// For each table the other one whose last value says most often what its next value is.
std::vector<std::optional<ColumnWriter::Told>> ChunkWriter::Impl::find_tellers() {
  std::vector<std::optional<ColumnWriter::Told>> out(columns.size());
  std::vector<uint32_t> tables;
  for (uint32_t i = 0; i < columns.size(); ++i)
    if (columns[i].form() == ColumnForm::table && columns[i].distinct() > 1) tables.push_back(i);
  constexpr size_t kMostTables = 24;
  if (tables.size() > kMostTables) tables.resize(kMostTables);
  struct Pair {
    std::vector<uint32_t> last;
    uint64_t hits = 0;
  };
  std::vector<std::vector<Pair>> pairs(columns.size());
  for (const uint32_t column : tables)
    for (const uint32_t teller : tables)
      pairs[column].push_back({std::vector<uint32_t>(teller == column ? 0 : columns[teller].distinct()), 0});
  std::vector<uint32_t> current(columns.size());
  std::vector<size_t> next(columns.size());
  walk([&](uint32_t column) {
    const size_t i = next[column]++;
    if (pairs[column].empty()) return;
    const uint32_t value = columns[column].number(i);
    for (size_t t = 0; t < tables.size(); ++t) {
      if (tables[t] == column) continue;
      Pair& pair = pairs[column][t];
      uint32_t& last = pair.last[current[tables[t]]];
      pair.hits += last == value;
      last = value;
    }
    current[column] = value;
  });
  for (const uint32_t column : tables) {
    size_t best = 0;
    for (size_t t = 1; t < tables.size(); ++t)
      if (pairs[column][t].hits > pairs[column][best].hits) best = t;
    if (pairs[column][best].hits * 2 < columns[column].count()) continue;
    out[column] = ColumnWriter::Told{tables[best], {}};
  }
  std::fill(current.begin(), current.end(), 0);
  std::fill(next.begin(), next.end(), 0);
  std::vector<std::vector<uint32_t>> last(columns.size());
  walk([&](uint32_t column) {
    const size_t i = next[column]++;
    if (columns[column].form() != ColumnForm::table) return;
    const uint32_t value = columns[column].number(i);
    if (auto& told = out[column]) {
      const uint32_t teller = current[told->by];
      if (teller >= last[column].size()) last[column].resize(teller + 1, 0);
      told->numbers.push_back(last[column][teller] == value ? 0 : value + 1);
      last[column][teller] = value;
    }
    current[column] = value;
  });
  for (const uint32_t column : tables) {
    if (!out[column]) continue;
    std::string joined;
    SectionWriter trial(nullptr, 1);
    size_t cost = 0;
    for (int plane = 0; plane < 4; ++plane) {
      joined.clear();
      for (const uint64_t value : out[column]->numbers) joined += static_cast<char>(value >> (8 * plane));
      if (joined.find_first_not_of('\0') != std::string::npos) cost += trial.cost(joined);
    }
    if (cost >= columns[column].numbers_cost(trial)) out[column].reset();
  }
  return out;
}

std::string ChunkWriter::encode() {
  Impl& from = *impl_;
  if (from.entries == 0) throw std::logic_error("a chunk of nothing");
  using Kind = SectionWriter::Kind;
  from.texts.clear();
  const auto add_text = [&](const std::string& text) {
    from.sections.add(text, Kind::text);
    from.texts.push_back(text);
  };
  from.fill_columns();
  const auto tellers = from.find_tellers();
  from.sections.add(from.entry_bytes);
  from.sections.add(from.opaque, Kind::text);
  from.sections.add(from.formats);
  from.sections.add(from.any_retry ? from.retries : "");
  from.sections.add(from.gaps);
  write_planes(from.payload_kinds, from.sections);
  write_planes(from.contact_kinds, from.sections);
  from.sections.add(from.raw, Kind::text);
  add_text(from.payloads.all());
  add_text(from.contacts.all());
  for (size_t i = 0; i < from.columns.size(); ++i) {
    from.columns[i].write(tellers[i], from.sections);
    from.texts.emplace_back();
    if (from.columns[i].form() != ColumnForm::table) continue;
    for (const std::string_view value : from.columns[i].table()) {
      put_varint(from.texts.back(), value.size());
      from.texts.back() += value;
    }
  }

  std::string out(kChunkSectionsAt, '\0');
  std::memcpy(out.data(), kChunkMagic, sizeof kChunkMagic);
  out[4] = static_cast<char>(kChunkVersion);
  store(out, kChunkFirstAt, from.first);
  store(out, kChunkEntriesAt, from.entries);
  store(out, kChunkDictionaryAt, from.number);
  out += from.sections.take();
  uint64_t seed;
  std::memcpy(&seed, out.data(), sizeof seed);
  store(out, kChunkChecksumAt,
        XXH3_64bits_withSeed(out.data() + kChunkCheckedFrom, out.size() - kChunkCheckedFrom, seed));

  from.columns.clear();
  static_cast<Added&>(from) = Added{};
  return out;
}

}  // namespace lode::log
