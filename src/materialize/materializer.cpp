#include "materialize/materializer.h"

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "silver/lookahead.h"

namespace lode::materialize {

Materializer::Materializer(Settings settings, store::State& state, sequence::Sequencer& sequencer,
                           silver::Silver& silver, gold::Gold& gold, uint64_t ruleset_hash)
    : settings_(settings),
      state_(state),
      sequencer_(sequencer),
      silver_(silver),
      gold_(gold),
      ruleset_hash_(ruleset_hash) {
  store::Checkpoint at = state.checkpoint();
  applied_entry_ = at.entry_index;
  next_offset_ = epoch_first_offset_ = at.next_offset;
  record_micros_ = at.record_micros;
}

void Materializer::tell(Applied& applied) {
  applied_ = &applied;
  applied_->advance(position());
}

void Materializer::apply(const CommittedEntry& entry, Observer* observer) {
  if (entry.index.value != applied_entry_ + 1)
    throw std::logic_error("entries are applied in the order of the log");
  applying_ = true;
  const event::Micros received{std::max(record_micros_.load(), entry.receive_time.value)};
  record::Offset next{next_offset_};
  {
    std::unique_lock lock(state_.mutex());
    sequencer_.sequence(entry.index, entry.slices, next, verdicts_);
  }
  if (observer) observer->sequenced(verdicts_);

  std::unique_lock lock(state_.mutex(), std::defer_lock);
  uint32_t item = 0, held = 0;
  uint64_t lines_before = silver_.work().lines;
  uint64_t done = next_offset_;
  auto publish = [&] {
    if (applied_) applied_->advance({static_cast<int64_t>(done) - 1, record_micros_});
  };
  for (const sequence::Slice& slice : entry.slices) {
    std::span<const event::Event> events(slice.batch->events);
    events = events.subspan(slice.first, slice.count);
    silver::Lookahead ahead(silver_, events, slice.batch->lines);
    for (uint32_t i = 0; i < slice.count; ++i, ++item) {
      const sequence::ItemVerdict& verdict = verdicts_[item];
      if (verdict.verdict != sequence::Verdict::accepted) continue;
      if (!lock.owns_lock()) {
        lock.lock();
        record_micros_ = received.value;
      }
      auto rule =
          silver_.apply(events[i], ahead.of(i), slice.batch->lines_of(events[i]), verdict.offset, received);
      if (rule && observer) observer->quarantined(item, *rule);
      done = verdict.offset.value + 1;
      uint64_t lines = silver_.work().lines;
      if (++held < settings_.lock_items && lines - lines_before < settings_.lock_lines) continue;
      gold_.touch(done - 1);
      next_offset_ = done;
      lock.unlock();
      publish();
      held = 0;
      lines_before = lines;
    }
  }
  if (lock.owns_lock()) {
    gold_.touch(done - 1);
    next_offset_ = done;
    lock.unlock();
  }
  next_offset_ = next.value;
  applied_entry_ = entry.index.value;
  dirty_ = true;
  applying_ = false;
  if (Marks::wants(entry.index)) {
    const StateHash hash = state_hash();
    marks_.add({entry.index, hash.offset, hash.digests.all()});
  }
  publish();
  if (is_epoch_full()) end_epoch();
}

bool Materializer::is_epoch_full() {
  // A kill leaves up to two epochs, one frozen and one active: they are applied as one, so that a start
  // needn't wait for the flush of the first.
  uint64_t most = (replaying_ ? 2 : 1) * uint64_t{settings_.epoch_events};
  if (next_offset_ - epoch_first_offset_ >= most) return true;
  // Summing up the parts' memory has its price: not before there can be much more of it.
  constexpr uint32_t kEntries = 64;
  constexpr uint64_t kLines = 1 << 16;  // of up to 1 KiB in gold
  silver::Work work = silver_.work();
  if (++entries_since_measured_ < kEntries && work.lines - measured_.lines < kLines &&
      work.bytes - measured_.bytes < settings_.epoch_bytes / 16)
    return false;
  entries_since_measured_ = 0;
  measured_ = work;
  return state_.memory_bytes() >= settings_.epoch_bytes;
}

StateHash Materializer::state_hash() const {
  return {position().offset, applied_entry_, digests_of(silver_.tables(), gold_)};
}

void Materializer::end_epoch() {
  state_.end_epoch({next_offset_, applied_entry_, record_micros_, ruleset_hash_});
  epoch_first_offset_ = next_offset_;
  dirty_ = false;
}

void Materializer::end_epoch_early() {
  if (dirty_ && !applying_ && !state_.flushing()) end_epoch();
}

void Materializer::checkpoint() {
  if (applying_) return;  // the checkpoint before stands, and the log has the rest
  if (dirty_) end_epoch();
  state_.wait_flushed();
}

}  // namespace lode::materialize
