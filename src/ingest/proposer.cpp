#include "ingest/proposer.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "ingest/barriers.h"
#include "ingest/refusals.h"

namespace lode::ingest {

namespace {

constexpr size_t kCallBytes = 8u << 20;           // of payloads in one call to the leader, about
constexpr int64_t kPauseMicros = 20'000;          // after a refusal; a new leader ends it
constexpr int64_t kNewLeaderMicros = 50'000;      // for a new leader to tell what it has of the old one's
constexpr int64_t kLeaderlessMicros = 2'000'000;  // new requests wait no longer for a leader
constexpr int64_t kStopMicros = 1'000'000;

bool is_barrier(const Span& span) { return span.type == log::EntryType::barrier; }

}  // namespace

Proposer::Proposer(const Settings& settings, const env::Clock& clock, Admission& admission,
                   std::function<void()> room)
    : settings_(settings), clock_(clock), admission_(admission), room_(std::move(room)) {
  gate_->proposer = this;
  thread_ = std::thread([this] { run(); });
}

Proposer::~Proposer() { stop(); }

void Proposer::open(raft::Replica& replica, Forwarder* forwarder) {
  Lock lock(mutex_);
  replica_ = &replica;
  forwarder_ = forwarder;
  leaderless_since_ = has_road() ? INT64_MAX : clock_.steady_micros();
}

bool Proposer::is_leaderless() const {
  const int64_t since = leaderless_since_;
  return since != INT64_MAX && clock_.steady_micros() - since > kLeaderlessMicros;
}

void Proposer::propose(const std::shared_ptr<Span>& span, int64_t waited_micros) {
  Lock lock(mutex_);
  const int64_t now = clock_.steady_micros(), allowed = int64_t{settings_.outcome_ms} * 1000;
  span->deadline_micros = now + (stopping_ ? std::min(allowed, kStopMicros) : allowed - waited_micros);
  in_flight_.add(span);
  ++open_spans_;
  if (leads_ || now < span->deadline_micros) send(lock, span);
  if (span->untold > 0) wake_by(span->deadline_micros);
}

void Proposer::send(Lock& lock, const std::shared_ptr<Span>& span) {
  if (leads_) {
    propose_here(lock, *span);
  } else if (is_barrier(*span)) {
    span->deadline_micros = INT64_MIN;
    wake_by(INT64_MIN);
  } else if (has_road()) {
    forward(lock, *span);
  } else {
    again(*span, 0);
  }
}

void Proposer::propose_here(Lock& lock, Span& span) {
  std::vector<raft::Proposal> proposals;
  for (size_t i = span.next; i < span.items.size(); ++i) {
    const Span::Item& item = span.items[i];
    if (!item.told) proposals.push_back({*item.payload, item.payload, span.first_cookie + i, span.type});
  }
  const bool was_sent = std::exchange(span.sent, true);
  const uint64_t attempt = ++span.attempt;
  span.place = Span::Place::proposes;
  span.here = true;
  lock.unlock();
  const raft::Proposed outcome = replica_->propose(proposals);
  if (outcome == raft::Proposed::taken) {
    entries_ += proposals.size();
    ++commits_;
  }
  lock.lock();
  if (span.attempt != attempt || span.place != Span::Place::proposes) return;
  span.place = Span::Place::taken;
  if (outcome == raft::Proposed::taken) return;
  span.sent = was_sent;
  span.here = false;
  span.full = outcome == raft::Proposed::full;
  again(span, kPauseMicros);
}

void Proposer::forward(Lock& lock, Span& span) {
  in_flight_.know_by_bytes(span);
  std::vector<std::shared_ptr<const std::string>> payloads;
  size_t bytes = 0;
  for (span.end = span.next; span.end < span.items.size(); ++span.end) {
    const Span::Item& item = span.items[span.end];
    if (item.told) continue;
    if (!payloads.empty() && bytes + item.payload->size() > kCallBytes) break;
    bytes += item.payload->size();
    payloads.push_back(item.payload);
  }
  const std::chrono::microseconds left(std::max<int64_t>(span.deadline_micros - clock_.steady_micros(), 0));
  auto done = [gate = gate_, cookie = span.first_cookie, attempt = ++span.attempt](Forwarded outcome) {
    std::lock_guard open(gate->mutex);
    if (gate->proposer) gate->proposer->answered(cookie, attempt, outcome);
  };
  span.place = Span::Place::calls;
  span.here = false;
  const raft::NodeId leader = *leader_;
  lock.unlock();
  forwarder_->forward(leader, std::move(payloads), std::chrono::ceil<std::chrono::milliseconds>(left),
                      std::move(done));
  lock.lock();
}

void Proposer::answered(uint64_t cookie, uint64_t attempt, Forwarded outcome) {
  Lock lock(mutex_);
  const std::shared_ptr<Span> span = in_flight_.find(cookie);
  if (!span || span->attempt != attempt) return;
  span->full = outcome == Forwarded::full;
  switch (outcome) {
    case Forwarded::taken:
      span->sent = true;
      entries_ += span->end - span->next;
      ++commits_;
      span->next = span->end;
      span->place = Span::Place::taken;
      if (span->next < span->items.size()) again(*span, 0);
      return;
    case Forwarded::full:  // goes on where it is
      return again(*span, kPauseMicros);
    case Forwarded::unknown:
      span->sent = true;
      [[fallthrough]];
    case Forwarded::not_leader:
      span->next = span->first_untold();
      return again(*span, kPauseMicros);
  }
}

void Proposer::again(Span& span, int64_t after_micros) {
  span.place = Span::Place::waits;
  span.retry_at_micros = clock_.steady_micros() + after_micros;
  if (has_road() || stopping_) wake_by(span.retry_at_micros);
}

void Proposer::leading() {
  Lock lock(mutex_);
  leads_ = true;
  turn();
}

void Proposer::following() {
  Lock lock(mutex_);
  leads_ = false;
  leader_.reset();
  turn();
}

void Proposer::leader_changed(const std::optional<raft::Server>& leader) {
  Lock lock(mutex_);
  const auto next = leader ? std::optional(leader->id) : std::nullopt;
  if (std::exchange(leader_, next) != next && !leads_) turn();
}

// What this node's replica has taken is told as committed or as lost. Of what another one has taken, or was
// asked to take, nobody tells that it is lost.
void Proposer::turn() {
  if (has_road())
    leaderless_since_ = INT64_MAX;
  else if (replica_ && leaderless_since_ == INT64_MAX)
    leaderless_since_ = clock_.steady_micros();
  for (const auto& [cookie, span] : in_flight_.spans()) {
    if (is_barrier(*span)) {
      if (!leads_) span->deadline_micros = INT64_MIN;
    } else if (!span->here || span->place == Span::Place::waits) {
      span->sent |= span->place == Span::Place::calls;
      ++span->attempt;
      span->next = span->first_untold();
      again(*span, span->sent ? kNewLeaderMicros : 0);
    }
  }
  wake_by(INT64_MIN);
}

void Proposer::lost(std::span<const uint64_t> cookies) {
  Lock lock(mutex_);
  for (const uint64_t cookie : cookies) {
    const std::shared_ptr<Span> span = in_flight_.find(cookie);
    if (!span || !span->here || span->place == Span::Place::waits) continue;
    span->next = span->first_untold();
    again(*span, 0);
  }
}

std::optional<Committed> Proposer::take(uint64_t cookie) {
  Lock lock(mutex_);
  auto entry = in_flight_.take(cookie);
  count(lock);
  return entry;
}

std::optional<Committed> Proposer::recognise(std::string_view payload) {
  Lock lock(mutex_);
  auto entry = in_flight_.take(payload);
  count(lock);
  return entry;
}

void Proposer::count(Lock& lock) {
  const bool had_room = has_room();
  open_spans_ = static_cast<uint32_t>(in_flight_.spans().size());
  if (stopping_ && open_spans_ == 0) empty_.notify_all();
  const bool room = !had_room && has_room();
  lock.unlock();
  if (room) room_();
}

void Proposer::wake_by(int64_t micros) {
  if (micros >= asleep_until_) return;
  asleep_until_ = INT64_MIN;
  wake_.notify_one();
}

void Proposer::run() {
  pthread_setname_np(pthread_self(), "lode-propose");
  Lock lock(mutex_);
  while (!ended_) {
    const int64_t now = clock_.steady_micros();
    int64_t next = INT64_MAX;
    std::vector<std::shared_ptr<Span>> late, due;
    for (const auto& [cookie, span] : in_flight_.spans()) {
      const bool waits = span->place == Span::Place::waits;
      if (span->place == Span::Place::proposes) continue;  // comes back with an answer
      if (now >= span->deadline_micros || (waits && stopping_ && !has_road())) {
        late.push_back(span);
      } else if (waits && has_road() && now >= span->retry_at_micros) {
        due.push_back(span);
      } else {
        next = std::min(next, span->deadline_micros);
        if (waits && has_road()) next = std::min(next, span->retry_at_micros);
      }
    }
    for (const auto& span : late) {
      in_flight_.drop(span);
      ++span->attempt;
      span->sent |= span->place == Span::Place::calls || span->untold < span->items.size();
    }
    for (const auto& span : due) {
      if (span->untold > 0 && span->place == Span::Place::waits) send(lock, span);
    }
    if (!late.empty()) {
      const bool stops = stopping_;
      lock.unlock();
      for (const auto& span : late) give_up(*span, stops);
      lock.lock();
      count(lock);
      lock.lock();
    }
    if (!late.empty() || !due.empty()) continue;
    asleep_until_ = next;
    auto woken = [this] { return asleep_until_ == INT64_MIN; };
    if (next == INT64_MAX) {
      wake_.wait(lock, woken);
    } else {
      wake_.wait_for(lock, std::chrono::microseconds(next - now), woken);
    }
    asleep_until_ = INT64_MIN;
  }
}

// Its untold entries are not asked for any more: should they be committed, they are entries from elsewhere.
void Proposer::give_up(const Span& span, bool stops) {
  const Refusal refusal = is_barrier(span) ? no_leader()
                          : span.sent      ? outcome_unknown()
                          : span.full      ? queue_full()
                          : stops          ? stopping()
                                           : no_leader();
  for (const Span::Item& item : span.items) {
    if (item.told) continue;
    if (item.entry.barrier) item.entry.barrier->settled(refusal, -1);
    for (size_t s = 0; s < item.entry.submissions.size(); ++s) {
      Submission& submission = *item.entry.submissions[s];
      const bool answers = claim(submission);
      if (settle(submission, item.entry.entry.slices[s].count))
        admission_.release(size_of(submission), submission.bytes);
      if (!answers) continue;
      ++refused_;
      answer(submission, {refusal, {}});
    }
  }
}

void Proposer::hurry() {
  Lock lock(mutex_);
  stopping_ = true;
  const int64_t latest = clock_.steady_micros() + kStopMicros;
  for (const auto& [cookie, span] : in_flight_.spans())
    span->deadline_micros = std::min(span->deadline_micros, latest);
  wake_by(INT64_MIN);
}

void Proposer::stop() {
  hurry();
  {
    Lock lock(mutex_);
    empty_.wait(lock, [this] { return in_flight_.spans().empty(); });
    ended_ = true;
    wake_by(INT64_MIN);
  }
  if (thread_.joinable()) thread_.join();
  std::lock_guard closed(gate_->mutex);
  gate_->proposer = nullptr;
}

}  // namespace lode::ingest
