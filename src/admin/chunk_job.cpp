#include "admin/chunk_job.h"

#include <algorithm>

#include "admin/gap.h"
#include "record/batch.h"
#include "sequence/sequencer.h"

namespace lode::admin {

namespace {

bool is_upsert(const event::Event& event) {
  return event.type == event::EventType::customer || event.type == event::EventType::product;
}

}  // namespace

ChunkJob::ChunkJob(const ChunkSource& source, const std::vector<record::Offset>& dropped,
                   const ChunkDictionary& dictionary)
    : source_(source), dropped_(dropped), writer_(dictionary.bytes.get(), dictionary.number, kLevel) {}

ChunkJob::Made ChunkJob::make(const ChunkRange& range, bool whole, const std::function<void()>& look) {
  Made made;
  EntryRows rows(source_.current, range.first);
  source_.log.scan(source_.group, range.first, [&](const log::StoredEntry& entry) {
    if (entry.index > range.last) return false;
    look();
    add(entry, rows, made);
    made.last = entry.index;
    made.payload_bytes += entry.payload.size();
    return whole || writer_.bytes() < kChunkBytes;
  });
  if (writer_.entries() == 0)
    throw std::runtime_error("the log has no entry " + std::to_string(range.first.value) + " any more");
  made.chunk = writer_.encode();
  return made;
}

void ChunkJob::add(const log::StoredEntry& entry, EntryRows& rows, Made& made) {
  const log::EntryHead head{entry.index, entry.term, entry.type};
  if (entry.type != log::EntryType::batch) return writer_.add(head, entry.payload);
  const auto batch = record::RecordBatch::decode(entry.payload);
  const auto row = rows.find(entry.index);
  std::vector<record::RecordView> records;
  uint64_t next = row ? row->base.value : 0;
  auto drop = std::lower_bound(dropped_.begin(), dropped_.end(), record::Offset{next});
  for (uint32_t i = 0; i < batch.count(); ++i) {
    records.push_back(batch[i]);
    if (row && (row->without_offset.empty() || !row->without_offset[i])) {
      const record::Offset offset{next++};
      while (drop != dropped_.end() && *drop < offset) ++drop;
      if (batch[i].gap || drop == dropped_.end() || *drop != offset) continue;
      records.back() = gap_in_place_of(batch[i], true, entry.index.value);
      made.gaps += records.back().gap.has_value();
    } else if (!batch[i].gap) {
      records.back() = gap_in_place_of(batch[i], false, entry.index.value);
      ++made.repeated;
    }
  }
  made.records += batch.count();
  writer_.add(head, batch, records);
}

// What is no upsert stays, whatever is said of it.
record::RecordView ChunkJob::gap_in_place_of(const record::RecordView& record, bool upsert, uint64_t entry) {
  events_.clear();
  if (!decoder_.decode(record.format, record.payload, record.contact, 0, events_))
    throw record::Corruption("entry " + std::to_string(entry) + ": " +
                             events_.rejections.back().problem.detail);
  event::Event& event = events_.events.back();
  event.retry_of = record.retry_of;
  if (upsert && (!is_upsert(event) || record.retry_of >= 0)) return record;
  const store::Hash96 key = sequence::hash_key(source_.hasher, event);
  const auto gap = upsert ? gap_of_upsert(event, key) : gap_of_repeated(event, key);
  writer_.keep(std::shared_ptr<const std::string>(gap, &gap->payload));
  return gap->view;
}

}  // namespace lode::admin
