#include "admin/restore_point.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "materialize/entry_decoder.h"
#include "record/batch.h"

namespace lode::admin {

namespace {

using materialize::Generation;

std::runtime_error not_there(const std::string& what) {
  return std::runtime_error("the backup " + what + ": restore another one, or ask for another point");
}

Cut cut_at(const sequence::IndexedEntry& entry, record::Offset last) {
  const uint32_t items = *entry.item_of(last) + 1;
  return {entry.entry, items == entry.item_count ? std::nullopt : std::optional(items)};
}

// The state's rows end before the record: the log is applied until it is there. What may hold it is applied
// in memory alone.
Cut apply_until(const StoppedData& data, Generation& generation, record::Offset last, const Watch& watch) {
  auto& materializer = generation.materializer();
  materialize::EntryDecoder decoder(data.hasher());
  const record::EntryIndex end = data.last();
  std::optional<Cut> cut;
  data.log().scan(kOnlyGroup, {materializer.applied_entry().value + 1}, [&](const log::StoredEntry& stored) {
    watch.check();
    watch.tell("looking for the record", stored.index.value, end.value, "entries");
    const auto decoded = decoder.decode(stored.index, stored.type, stored.payload);
    const bool may_hold = materializer.next_offset().value + decoded->batch.events.size() > last.value;
    if (may_hold) materializer.checkpoint();
    materializer.apply(decoded->entry, nullptr);
    if (may_hold) {
      if (const auto row = generation.index().find(last)) cut = cut_at(*row, last);
    }
    return !cut;
  });
  if (!cut)
    throw not_there("ends with the record at offset " +
                    std::to_string(static_cast<int64_t>(materializer.next_offset().value) - 1));
  return *cut;
}

Cut find_offset(const StoppedData& data, Generation& generation, record::Offset last, const Watch& watch) {
  if (last < generation.materializer().next_offset()) {
    const auto row = generation.index().find(last);
    if (!row) throw not_there("has no record at offset " + std::to_string(last.value));
    if (row->entry < data.log().first_index(kOnlyGroup))
      throw not_there("has a log that begins behind offset " + std::to_string(last.value));
    return cut_at(*row, last);
  }
  return apply_until(data, generation, last, watch);
}

// Times rise from entry to entry: what a clock takes back does not count.
Cut find_time(const StoppedData& data, int64_t micros, const Watch& watch) {
  const record::EntryIndex first = data.log().first_index(kOnlyGroup), end = data.last();
  std::optional<record::EntryIndex> later;
  data.log().scan(kOnlyGroup, first, [&](const log::StoredEntry& stored) {
    watch.check();
    watch.tell("looking for the time", stored.index.value, end.value, "entries");
    if (stored.type != log::EntryType::batch ||
        record::RecordBatch::decode(stored.payload).receive_time().value <= micros)
      return true;
    later = stored.index;
    return false;
  });
  if (!later) return {end, std::nullopt};
  if (*later <= first) throw not_there("has a log that begins behind that time");
  return {{later->value - 1}, std::nullopt};
}

// The first `items` of a batch, with all that was said of it.
std::string shortened(std::string_view payload, uint32_t items) {
  const auto batch = record::RecordBatch::decode(payload);
  record::BatchWriter writer;
  for (uint32_t i = 0; i < items; ++i) writer.add(batch[i]);
  return writer.encode(batch.receive_time(), batch.origin());
}

}  // namespace

Cut find_cut(const StoppedData& data, Generation& generation, const RestorePoint& point, const Watch& watch) {
  if (point.offset) return find_offset(data, generation, {*point.offset}, watch);
  if (point.micros) return find_time(data, *point.micros, watch);
  return {data.last(), std::nullopt};
}

void cut_log(StoppedData& data, const Cut& cut) {
  log::RocksDbLog& log = data.log();
  if (cut.items) {
    const auto stored = log.read(kOnlyGroup, cut.last);
    if (!stored) throw record::Corruption("log: entry " + std::to_string(cut.last.value) + " is missing");
    const std::string payload = shortened(stored->payload, *cut.items);
    const log::Entry entry{stored->index, stored->term, stored->type, payload};
    log.cut(kOnlyGroup, cut.last);
    log.append(kOnlyGroup, {&entry, 1});
  } else {
    log.cut(kOnlyGroup, {cut.last.value + 1});
  }
  materialize::ControlState controls = data.controls();
  controls.entry = std::min(controls.entry, cut.last.value);
  controls.active.entry = std::min(controls.active.entry, cut.last.value);
  if (controls.next && controls.next->entry > cut.last.value) controls.next.reset();
  controls.save(log);
}

}  // namespace lode::admin
