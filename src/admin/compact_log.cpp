#include "admin/compact_log.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "admin/chunk_job.h"
#include "admin/task_parameters.h"
#include "event/json_text.h"
#include "log/archive.h"
#include "record/batch.h"
#include "record/offset_set.h"
#include "store/thread_priority.h"

namespace lode::admin {

namespace {

constexpr size_t kDecisionBytes = 240 * 1024;    // of one control, before it is packed
constexpr std::chrono::milliseconds kLook{20};   // whether a decision is there
constexpr int kLooks = 1500;                     // 30 s
constexpr size_t kTrainingChunks = 8;            // a dictionary is made of
constexpr size_t kSamples = 8;                   // chunks, of which a dry run tells the rest
constexpr uint64_t kReclaimBytes = 1024u << 20;  // are given back at a time
constexpr uint64_t kSpareBytes = 64u << 20;      // of a chunk on its way

std::string in_quotes(std::string_view text) {
  std::string out;
  event::append_quoted(out, text);
  return out;
}

// Of what the log says, what this node has not carried out yet.
struct Orders {
  std::vector<record::EntryIndex> controls;
  record::EntryIndex last;
  std::vector<record::Offset> dropped;  // of all, ascending
};

class Compactor {
 public:
  Compactor(const CompactPlace& place, TaskControl& control)
      : place_(place),
        control_(control),
        watch_{[this](std::string_view stage, uint64_t done, uint64_t total, std::string_view unit) {
                 control_.progress({std::string(stage), done, total, std::string(unit)});
               },
               [this] { return control_.cancelled(); }},
        source_{place.log, place.group, place.hasher, place.succession.current()} {}

  std::string run(const CompactRequest& request, std::string_view memo);

 private:
  Orders open_orders() const;
  void decide(const CompactPlan& plan);
  bool await(const record::Control& control, const std::vector<materialize::Compaction>& before);
  std::string dry_run(const CompactPlan& plan);
  void carry_out(const Orders& orders, const CompactPlace::Floor& floor);
  void rewrite_chunks(const Orders& orders, const ChunkDictionary& dictionary, record::EntryIndex last);
  void add_chunks(const Orders& orders, const ChunkDictionary& dictionary, record::EntryIndex last);
  bool archive(const ChunkJob::Made& made);
  bool has_room(uint64_t bytes);
  ChunkDictionary dictionary_for(const std::vector<record::Offset>& dropped, const ChunkRange& range);
  std::optional<ChunkRange> unarchived(record::EntryIndex last) const;
  std::vector<ChunkRange> spread(const ChunkRange& range, size_t count) const;
  void tell_entries(record::EntryIndex at);

  const CompactPlace& place_;
  TaskControl& control_;
  const Watch watch_;
  const ChunkSource source_;
  ChunkRange range_;  // that is shown as progress
  uint64_t records_ = 0, gaps_ = 0, repeated_ = 0, chunks_ = 0, unreclaimed_ = 0;
  std::string held_by_;
  bool out_of_room_ = false;
};

Orders Compactor::open_orders() const {
  materialize::Compactions& known = place_.succession.compactions();
  known.forget_lost();
  Orders orders;
  for (const materialize::Compaction& one : known.all()) {
    if (one.done) continue;
    const auto entry = place_.log.read(place_.group, one.control);
    orders.controls.push_back(one.control);
    if (!entry || entry->type != log::EntryType::control) continue;  // of a log that was cut and went on
    const auto control = record::Control::decode(entry->payload);
    if (control.kind != record::Control::Kind::compact) continue;
    orders.last = std::max(orders.last, control.compacted);
    if (control.dropped.empty()) continue;
    const auto offsets = record::decode_offsets(control.dropped);
    orders.dropped.insert(orders.dropped.end(), offsets.begin(), offsets.end());
  }
  std::sort(orders.dropped.begin(), orders.dropped.end());
  orders.dropped.erase(std::unique(orders.dropped.begin(), orders.dropped.end()), orders.dropped.end());
  return orders;
}

void Compactor::decide(const CompactPlan& plan) {
  std::span<const record::Offset> left(plan.dropped);
  do {
    record::Control control;
    control.kind = record::Control::Kind::compact;
    control.compacted = plan.last;
    if (!left.empty()) control.dropped = record::encode_offsets(left, kDecisionBytes);
    const auto before = place_.succession.compactions().all();
    watch_.tell("deciding", plan.dropped.size() - left.size(), plan.dropped.size(), "records");
    place_.decide(control);
    if (!await(control, before))
      throw std::runtime_error("what was decided did not come back from the group in time: say it again");
  } while (!left.empty());
}

bool Compactor::await(const record::Control& control, const std::vector<materialize::Compaction>& before) {
  const record::EntryIndex known = before.empty() ? record::EntryIndex{} : before.back().control;
  for (int i = 0; i < kLooks; ++i) {
    watch_.check();
    for (const materialize::Compaction& one : place_.succession.compactions().all()) {
      if (one.control <= known) continue;
      const auto entry = place_.log.read(place_.group, one.control);
      if (entry && record::Control::decode(entry->payload) == control) return true;
    }
    std::this_thread::sleep_for(kLook);
  }
  return false;
}

// A last chunk that is much smaller than it might be is made anew with what follows.
std::optional<ChunkRange> Compactor::unarchived(record::EntryIndex last) const {
  const auto chunks = place_.log.chunks(place_.group);
  record::EntryIndex first{
      std::max(place_.log.last_archived(place_.group).value + 1, place_.log.first_index(place_.group).value)};
  if (first > last) return std::nullopt;
  if (!chunks.empty() && chunks.back().first >= place_.log.first_index(place_.group).value) {
    uint64_t bytes = 0;
    place_.log.scan(place_.group, {chunks.back().first}, [&](const log::StoredEntry& entry) {
      bytes += entry.payload.size();
      return entry.index.value < chunks.back().last && bytes < ChunkJob::kChunkBytes / 2;
    });
    if (bytes < ChunkJob::kChunkBytes / 2) first = {chunks.back().first};
  }
  return ChunkRange{first, last};
}

std::vector<ChunkRange> Compactor::spread(const ChunkRange& range, size_t count) const {
  std::vector<ChunkRange> out;
  const uint64_t entries = range.last.value - range.first.value + 1;
  for (size_t i = 0; i < count; ++i) {
    const record::EntryIndex first{range.first.value + entries * i / count};
    const record::EntryIndex end{range.first.value + entries * (i + 1) / count};
    if (end > first) out.push_back({first, {end.value - 1}});
  }
  return out;
}

// A new one where there is enough to learn from, else the one that was made last.
ChunkDictionary Compactor::dictionary_for(const std::vector<record::Offset>& dropped,
                                          const ChunkRange& range) {
  uint32_t newest = 0;
  std::string bytes;
  while (auto fact = place_.log.get_meta(log::dictionary_name(newest + 1))) {
    ++newest;
    bytes = std::move(*fact);
  }
  const ChunkDictionary none;
  std::vector<std::vector<std::string>> texts;
  ChunkJob job(source_, dropped, none);
  const auto samples = spread(range, kTrainingChunks);
  for (const ChunkRange& sample : samples) {
    watch_.tell("learning what comes again", texts.size(), samples.size(), "chunks");
    job.make(sample, false, [this] { watch_.check(); });
    texts.push_back(job.texts());
  }
  std::string trained = log::train_dictionary(texts);
  if (trained.empty()) {
    if (newest == 0) return {};
    return {newest, std::make_unique<log::Dictionary>(std::move(bytes), ChunkJob::kLevel)};
  }
  if (trained != bytes) {
    place_.log.put_meta(log::dictionary_name(++newest), trained);
  }
  return {newest, std::make_unique<log::Dictionary>(std::move(trained), ChunkJob::kLevel)};
}

void Compactor::tell_entries(record::EntryIndex at) {
  watch_.tell("compacting", at.value + 1 - range_.first.value, range_.last.value + 1 - range_.first.value,
              "entries");
}

bool Compactor::has_room(uint64_t bytes) {
  const uint64_t needed = place_.reserved_bytes + bytes + kSpareBytes;
  if (place_.free_bytes() >= needed) return true;
  if (std::exchange(unreclaimed_, 0) > 0) place_.log.reclaim(place_.group);
  if (place_.free_bytes() >= needed) return true;
  out_of_room_ = true;
  held_by_ = fmt::format(
      "the disk has less than {} MiB free, which ingest.reserved_disk_bytes keeps for writes", needed >> 20);
  return false;
}

bool Compactor::archive(const ChunkJob::Made& made) {
  if (!has_room(made.chunk.size())) return false;
  place_.log.archive(place_.group, made.chunk);
  ++chunks_;
  records_ += made.records;
  gaps_ += made.gaps;
  repeated_ += made.repeated;
  unreclaimed_ += made.payload_bytes;
  if (unreclaimed_ >= kReclaimBytes) {
    unreclaimed_ = 0;
    place_.log.reclaim(place_.group);
  }
  return true;
}

// Those that hold records which are to become gaps.
void Compactor::rewrite_chunks(const Orders& orders, const ChunkDictionary& dictionary,
                               record::EntryIndex last) {
  const auto touched = entries_of(source_.current, orders.dropped);
  const record::EntryIndex first = place_.log.first_index(place_.group);
  ChunkJob job(source_, orders.dropped, dictionary);
  for (const log::ArchivedChunk& chunk : place_.log.chunks(place_.group)) {
    const auto at =
        std::lower_bound(touched.begin(), touched.end(), std::max(record::EntryIndex{chunk.first}, first));
    if (at == touched.end() || at->value > chunk.last || chunk.last > last.value) continue;
    const ChunkRange range{std::max(record::EntryIndex{chunk.first}, first), {chunk.last}};
    tell_entries(range.first);
    const auto made = job.make(range, true, [this] { watch_.check(); });
    if (made.gaps > 0 && !archive(made)) return;
  }
}

void Compactor::add_chunks(const Orders& orders, const ChunkDictionary& dictionary, record::EntryIndex last) {
  const auto range = unarchived(last);
  if (!range) return;
  ChunkJob job(source_, orders.dropped, dictionary);
  for (ChunkRange left = *range; left.first <= last;) {
    tell_entries(left.first);
    const auto made = job.make(left, false, [this] { watch_.check(); });
    if (!archive(made)) return;
    left.first = {made.last.value + 1};
  }
  tell_entries(last);
}

void Compactor::carry_out(const Orders& orders, const CompactPlace::Floor& floor) {
  held_by_ = floor.held_by;
  const record::EntryIndex last = floor.index;
  range_ = {place_.log.first_index(place_.group), last};
  ChunkDictionary dictionary;
  if (const auto range = unarchived(last)) dictionary = dictionary_for(orders.dropped, *range);
  rewrite_chunks(orders, dictionary, last);
  if (!out_of_room_) add_chunks(orders, dictionary, last);
  watch_.tell("giving the disk back", 0, 0);
  place_.log.reclaim(place_.group);
  if (last >= orders.last && !out_of_room_) place_.succession.compactions().mark_done(orders.controls);
}

std::string Compactor::dry_run(const CompactPlan& plan) {
  const auto floor = place_.raise_floor(plan.last, true);
  const uint64_t before = place_.log.payload_bytes(place_.group);
  uint64_t sampled = 0, made_bytes = 0, all = 0;
  const auto range = unarchived(floor.index);
  if (range) {
    const ChunkDictionary none;
    ChunkJob job(source_, plan.dropped, none);
    const auto samples = spread(*range, kSamples);
    size_t done = 0;
    for (const ChunkRange& sample : samples) {
      watch_.tell("trying some of it", done++, samples.size(), "chunks");
      const auto made = job.make(sample, false, [this] { watch_.check(); });
      sampled += made.payload_bytes;
      made_bytes += made.chunk.size();
    }
    uint64_t archived = 0;
    for (const log::ArchivedChunk& chunk : place_.log.chunks(place_.group))
      if (chunk.last < range->first.value) archived += chunk.bytes;
    all = before > archived ? before - archived : 0;
  }
  const uint64_t gain =
      sampled ? static_cast<uint64_t>(static_cast<double>(all) *
                                      (1 - static_cast<double>(made_bytes) / static_cast<double>(sampled)))
              : 0;
  const bool any_gain = sampled > made_bytes;
  return fmt::format(
      R"({{"dry_run":true,"last_entry":{},"compacted_entry":{},"records":{},"upserts":{},"dropped_records":{},)"
      R"("entries":{},"payload_bytes_before":{},"payload_bytes_after":{},"sampled_bytes":{},"disk_bytes":{},"held_by":{}}})",
      plan.last.value, floor.index.value, plan.records, plan.upserts, plan.dropped.size(),
      range ? range->last.value - range->first.value + 1 : 0, before, any_gain ? before - gain : before,
      sampled, place_.log.disk_bytes(), in_quotes(floor.held_by));
}

std::string Compactor::run(const CompactRequest& request, std::string_view memo) {
  const uint64_t payload_before = place_.log.payload_bytes(place_.group),
                 disk_before = place_.log.disk_bytes();
  uint64_t upserts = 0, records = 0;
  if (!request.decided && memo.empty()) {
    const CompactPlan plan = plan_compaction(
        {place_.log, place_.group, place_.hasher, place_.succession.current()}, request.before, watch_);
    if (request.dry_run) return dry_run(plan);
    upserts = plan.upserts;
    records = plan.records;
    if (!plan.dropped.empty() || plan.last_batch > place_.log.last_archived(place_.group)) decide(plan);
    control_.remember(R"({"decided":true})");
  }
  const Orders orders = open_orders();
  const record::EntryIndex last =
      std::max(orders.last, place_.log.last_archived(place_.group));  // else there is nothing new
  const auto floor = place_.raise_floor(last, false);
  carry_out(orders, floor);
  return fmt::format(
      R"({{"last_entry":{},"compacted_entry":{},"records":{},"upserts":{},"dropped_records":{},"repeated_items":{},"chunks":{},)"
      R"("payload_bytes_before":{},"payload_bytes_after":{},"disk_bytes_before":{},"disk_bytes_after":{},"held_by":{}}})",
      last.value, place_.log.last_archived(place_.group).value, records, upserts, gaps_, repeated_, chunks_,
      payload_before, place_.log.payload_bytes(place_.group), disk_before, place_.log.disk_bytes(),
      in_quotes(held_by_));
}

}  // namespace

std::variant<CompactRequest, Refusal> parse_compact(std::string_view parameters) {
  CompactRequest out;
  if (const std::string before = text_in(parameters, "before"); !before.empty()) {
    out.before = parse_point(before);
    if (!out.before) return Refusal{400, {"invalid_value", "/before", std::string(kPointHint)}};
  }
  out.dry_run = flag_in(parameters, "dry_run");
  out.decided = flag_in(parameters, "decided");
  return out;
}

std::string run_compact_log(const CompactPlace& place, const CompactRequest& request, std::string_view memo,
                            TaskControl& control) {
  store::lower_priority(store::this_thread());  // the task's own
  try {
    return Compactor(place, control).run(request, memo);
  } catch (const Cancelled&) {
    return "";
  }
}

}  // namespace lode::admin
