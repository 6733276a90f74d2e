// Applies committed entries and answers the requests whose events they hold. Owns the apply thread; when
// nothing waits for it, the commit thread applies a small entry itself, which saves a hand-over on the way of
// a single event.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "ingest/admission.h"
#include "ingest/committed.h"
#include "ingest/submission.h"
#include "materialize/current.h"

namespace lode::ingest {

class Applier {
 public:
  Applier(materialize::Current& current, Admission& admission);
  ~Applier();

  // One thread at a time. Waits while much from elsewhere is waiting: the log has it.
  void push(std::vector<Committed> committed);
  void stop();  // applies what was pushed, then ends the thread
  uint64_t accepted() const { return accepted_; }
  uint64_t duplicates() const { return duplicates_; }
  uint64_t conflicts() const { return conflicts_; }
  uint64_t quarantined() const { return quarantined_; }
  // Receive time of the first entry that is not applied yet; 0: none waits.
  int64_t oldest_unapplied_micros() const { return oldest_unapplied_micros_; }

 private:
  void run();
  // `next` follows `committed`; null: what waits. apply_mutex_ held.
  void apply(const Committed& committed, const Committed* next);
  void finish(const Committed& entry);  // its items need nothing more
  void count(const Submission& submission);

  materialize::Current& current_;
  Admission& admission_;
  std::atomic<uint64_t> accepted_ = 0, duplicates_ = 0, conflicts_ = 0, quarantined_ = 0;
  std::atomic<int64_t> oldest_unapplied_micros_ = 0;

  std::mutex apply_mutex_;  // who holds it is the apply thread
  std::mutex mutex_;
  std::condition_variable wake_, taken_;
  std::deque<Committed> waiting_;
  bool applying_ = false;  // the apply thread has taken something it has not finished
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lode::ingest
