#include "admin/compact_plan.h"

#include <limits>
#include <mutex>
#include <shared_mutex>

#include "admin/entry_rows.h"
#include "admin/members.h"
#include "admin/supersession.h"
#include "event/record_decoder.h"
#include "record/batch.h"

namespace lode::admin {

namespace {

// Whatever the rules say of time, as far as is known: what may be in quarantine is left alone.
bool is_plausible(const event::Event& event, event::Micros receive_time, const silver::Settings& settings) {
  int64_t latest = 0;
  if (__builtin_add_overflow(receive_time.value, settings.latest_after_receive_micros, &latest))
    latest = std::numeric_limits<int64_t>::max();
  return event.occurred_at.value >= settings.earliest_micros && event.occurred_at.value <= latest;
}

bool is_upsert(const event::Event& event) {
  return event.type == event::EventType::customer || event.type == event::EventType::product;
}

class Planner {
 public:
  Planner(const CompactSource& source, const silver::Settings& settings, record::EntryIndex first)
      : settings_(settings), rows_(source.current, first) {}

  void add(const log::StoredEntry& entry) {
    const auto batch = record::RecordBatch::decode(entry.payload);
    const auto row = rows_.find(entry.index);
    if (!row) return;
    events_.clear();
    uint64_t offset = row->base.value;
    for (uint32_t i = 0; i < batch.count(); ++i) {
      if (!row->without_offset.empty() && row->without_offset[i]) continue;
      add_record(batch[i], batch.receive_time(), {offset++}, entry.index);
    }
    next_ = {offset};
  }

  record::Offset next() const { return next_; }
  const Supersession& fold() const { return fold_; }

 private:
  void add_record(const record::RecordView& record, event::Micros received, record::Offset offset,
                  record::EntryIndex entry) {
    if (!decoder_.decode(record.format, record.payload, record.contact, 0, events_))
      throw record::Corruption("entry " + std::to_string(entry.value) + ": " +
                               events_.rejections.back().problem.detail);
    const event::Event& event = events_.events.back();
    if (event.type == event::EventType::purchase) fold_.add_purchase(event, events_.lines_of(event));
    if (!is_upsert(event) || record.gap || record.retry_of >= 0) return;
    if (is_plausible(event, received, settings_))
      fold_.add_upsert(offset, event, members_.read(record, event.type));
  }

  const silver::Settings& settings_;
  EntryRows rows_;
  event::RecordDecoder decoder_;
  MemberReader members_;
  event::EventBatch events_;
  Supersession fold_;
  record::Offset next_;
};

}  // namespace

CompactPlan plan_compaction(const CompactSource& source, const std::optional<Point>& before,
                            const Watch& watch) {
  const auto generation = source.current.get();
  const record::EntryIndex first = source.log.first_index(source.group);
  CompactPlan plan;
  const record::EntryIndex end = generation->materializer().applied_entry();
  plan.last = end;
  if (before && before->offset) {
    std::shared_lock lock(generation->state().mutex());
    if (const auto last = generation->index().last_before(*before->offset)) plan.last = *last;
  }
  Planner planner(source, generation->ruleset().silver, first);
  record::Offset behind_last;
  bool late = false;
  source.log.scan(source.group, first, [&](const log::StoredEntry& entry) {
    if (entry.index > end) return false;
    watch.check();
    watch.tell("looking for superseded upserts", entry.index.value - first.value + 1,
               end.value - first.value + 1, "entries");
    if (entry.type == log::EntryType::batch) {
      if (before && before->time && !late) {
        late = record::RecordBatch::decode(entry.payload).receive_time() >= *before->time;
        if (late) plan.last = {entry.index.value - 1};
      }
      planner.add(entry);
      if (entry.index <= plan.last) plan.last_batch = entry.index;
    }
    if (entry.index <= plan.last && !late) behind_last = planner.next();
    return true;
  });
  plan.records = behind_last.value;
  plan.upserts = planner.fold().upserts();
  for (const record::Offset offset : planner.fold().superseded())
    if (offset < behind_last) plan.dropped.push_back(offset);
  return plan;
}

}  // namespace lode::admin
