#include "ingest/applier.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "ingest/barriers.h"
#include "ingest/refusals.h"

namespace lode::ingest {

namespace {

// Spreads an entry's verdicts over the submissions that its slices come from.
class Spread final : public materialize::Observer {
 public:
  Spread(const Committed& committed, std::function<void(Submission&)> on_sequenced)
      : committed_(committed), on_sequenced_(std::move(on_sequenced)) {}

  void sequenced(std::span<const sequence::ItemVerdict> verdicts) override {
    size_t item = 0;
    for (size_t s = 0; s < committed_.submissions.size(); ++s) {
      Submission& submission = *committed_.submissions[s];
      const sequence::Slice& slice = committed_.entry.slices[s];
      auto from = verdicts.begin() + static_cast<std::ptrdiff_t>(item);
      std::copy_n(from, slice.count, submission.verdicts.begin() + slice.first);
      submission.sequenced += slice.count;
      item += slice.count;
      on_sequenced_(submission);
    }
  }

  void quarantined(uint32_t item, silver::Rule rule) override {
    uint32_t before = 0;
    for (size_t s = 0; s < committed_.submissions.size(); ++s) {
      const sequence::Slice& slice = committed_.entry.slices[s];
      if (item < before + slice.count) {
        auto& quarantined = committed_.submissions[s]->quarantined;
        const std::pair told(slice.first + item - before, rule);
        // At the end, unless the submission's entries came into the log in another order.
        quarantined.insert(std::upper_bound(quarantined.begin(), quarantined.end(), told), told);
        return;
      }
      before += slice.count;
    }
  }

 private:
  const Committed& committed_;
  std::function<void(Submission&)> on_sequenced_;
};

int64_t received(const Committed& committed) { return committed.entry.receive_time.value; }

}  // namespace

Applier::Applier(materialize::Current& current, Admission& admission)
    : current_(current), admission_(admission) {
  thread_ = std::thread([this] { run(); });
}

Applier::~Applier() { stop(); }

void Applier::push(std::vector<Committed> committed) {
  constexpr uint32_t kSmall = 128;      // events that are applied faster than a sleeping thread wakes up
  constexpr size_t kDecodedAhead = 64;  // entries from elsewhere
  if (committed.empty()) return;
  {
    std::unique_lock lock(mutex_);
    if (committed.front().decoded)
      taken_.wait(lock, [&] { return stopping_ || waiting_.size() < kDecodedAhead; });
    if (oldest_unapplied_micros_ == 0) oldest_unapplied_micros_ = received(committed.front());
    bool small = committed.size() == 1;
    if (small) {
      uint32_t events = 0;
      for (const auto& slice : committed.front().entry.slices) events += slice.count;
      small = events <= kSmall;
    }
    if (!small || applying_ || !waiting_.empty()) {
      for (auto& one : committed) waiting_.push_back(std::move(one));
      lock.unlock();
      wake_.notify_one();
      return;
    }
  }
  // Only this thread pushes, so nothing can come in between.
  std::lock_guard applying(apply_mutex_);
  apply(committed.front(), nullptr);
}

void Applier::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  taken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Applier::run() {
  pthread_setname_np(pthread_self(), "lode-apply");
  for (;;) {
    std::deque<Committed> taken;
    {
      std::unique_lock lock(mutex_);
      applying_ = false;
      wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      taken.swap(waiting_);
      applying_ = true;
    }
    taken_.notify_one();
    std::lock_guard applying(apply_mutex_);
    for (; !taken.empty(); taken.pop_front()) apply(taken.front(), taken.size() > 1 ? &taken[1] : nullptr);
  }
}

void Applier::apply(const Committed& committed, const Committed* next) {
  Spread spread(committed, [&](Submission& submission) {
    const bool early = submission.request.ack == Ack::committed;
    if (early && submission.sequenced == size_of(submission) && claim(submission))
      answer(submission, {std::nullopt, result_of(submission)});
  });
  oldest_unapplied_micros_ = received(committed);
  if (!current_.apply(committed.entry, &spread)) {
    for (const auto& submission : committed.submissions)
      if (claim(*submission)) answer(*submission, {outcome_unknown(), {}});
  }
  {
    std::lock_guard lock(mutex_);
    if (!next && !waiting_.empty()) next = &waiting_.front();
    oldest_unapplied_micros_ = next ? received(*next) : 0;
  }
  finish(committed);
  if (committed.barrier)
    committed.barrier->settled(std::nullopt, current_.get()->materializer().position().offset);
}

void Applier::finish(const Committed& entry) {
  for (size_t s = 0; s < entry.submissions.size(); ++s) {
    Submission& submission = *entry.submissions[s];
    if (!settle(submission, entry.entry.slices[s].count)) continue;
    admission_.release(size_of(submission), submission.bytes);
    if (submission.sequenced == size_of(submission)) count(submission);  // else some of it was given up
    if (claim(submission)) answer(submission, {std::nullopt, result_of(submission)});
  }
}

void Applier::count(const Submission& submission) {
  for (const auto& verdict : submission.verdicts) {
    if (verdict.verdict == sequence::Verdict::accepted) ++accepted_;
    if (verdict.verdict == sequence::Verdict::duplicate) ++duplicates_;
    if (verdict.verdict == sequence::Verdict::conflict) ++conflicts_;
  }
  quarantined_ += submission.quarantined.size();
}

}  // namespace lode::ingest
