// The materializer: consumes committed entries in their order and moves silver and gold forward. The one
// road: a live entry, recovery after a kill, and replay all come through apply().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "event/event.h"
#include "gold/gold.h"
#include "log/log.h"
#include "materialize/applied.h"
#include "materialize/marks.h"
#include "materialize/state_hash.h"
#include "record/control.h"
#include "record/types.h"
#include "sequence/sequencer.h"
#include "silver/silver.h"
#include "store/state.h"

namespace lode::materialize {

// One committed log entry, decoded.
struct CommittedEntry {
  record::EntryIndex index;
  event::Micros receive_time;  // as the node that took it in says
  std::vector<sequence::Slice> slices;
  std::shared_ptr<const record::Control> control;  // of an entry that is one; apply() only counts it
};

struct Settings {
  uint32_t epoch_events = 500'000;      // an epoch ends after so many records (twice as many in a replay),
  uint64_t epoch_bytes = 768ull << 20;  // or so much memory in the state's parts
  // Applied per hold of the state's mutex: bound how long a reader waits.
  uint32_t lock_items = 128;
  uint32_t lock_lines = 4096;  // an order's amendment costs what its lines do
};

// Told of each entry's items as they go; called on the apply thread.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void sequenced(std::span<const sequence::ItemVerdict> verdicts) = 0;
  // `item` counts through the entry's slices; `rule` sent it to quarantine.
  virtual void quarantined(uint32_t item, silver::Rule rule) = 0;
};

class Materializer {
 public:
  Materializer(Settings settings, store::State& state, sequence::Sequencer& sequencer, silver::Silver& silver,
               gold::Gold& gold, uint64_t ruleset_hash);

  // From now on `applied` is told how far apply has come; it is told at once where it stands. Apply thread.
  void tell(Applied& applied);

  // Applies one entry; when it returns, readers see it. Entries ascend by index. One thread at a time (the
  // apply thread). A record's receive time is the entry's, or that of the record before if it is later: nodes
  // whose clocks differ take turns, and time never goes back.
  void apply(const CommittedEntry& entry, Observer* observer);

  // What is applied now is of the log's past, and much of it: see Settings::epoch_events. Apply thread.
  void set_replaying(bool replaying) { replaying_ = replaying; }

  // Brings everything applied onto the disk, so that the next start has nothing to replay. Apply thread.
  void checkpoint();

  // Ends the epoch where something was applied since the last one's end, unless that one is still being
  // written. Waits for no disk. Apply thread, or Current is held. Throws as State::end_epoch().
  void end_epoch_early();

  // The last record applied. With the state's mutex held it is exactly what the parts hold; any thread.
  AppliedPosition position() const {
    return {static_cast<int64_t>(next_offset_.load()) - 1, record_micros_.load()};
  }
  // Of the rows at position(). With the state's mutex held, shared at least, or on the apply thread between
  // entries: then it is the state hash at applied_entry().
  StateHash state_hash() const;
  record::EntryIndex applied_entry() const { return {applied_entry_.load()}; }
  record::Offset next_offset() const { return {next_offset_.load()}; }
  // The state hash at some of the last entries. Any thread.
  std::vector<Mark> marks() const { return marks_.all(); }

 private:
  void end_epoch();
  bool is_epoch_full();

  Settings settings_;
  store::State& state_;
  sequence::Sequencer& sequencer_;
  silver::Silver& silver_;
  gold::Gold& gold_;
  Applied* applied_ = nullptr;  // null: nobody reads here yet
  uint64_t ruleset_hash_;
  std::atomic<uint64_t> applied_entry_;
  std::atomic<uint64_t> next_offset_;
  std::atomic<int64_t> record_micros_ = 0;
  uint64_t epoch_first_offset_ = 0;
  silver::Work measured_;  // when the parts' memory was last summed up
  uint32_t entries_since_measured_ = 0;
  bool replaying_ = false;
  bool dirty_ = false;     // something was applied since the last epoch's end
  bool applying_ = false;  // inside apply(), or it threw: the parts may hold half an entry
  std::vector<sequence::ItemVerdict> verdicts_;
  Marks marks_;
};

}  // namespace lode::materialize
