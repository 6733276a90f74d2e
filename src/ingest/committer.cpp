#include "ingest/committer.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace lode::ingest {

Committer::Committer(const Settings& settings, const env::Clock& clock, InFlight& in_flight, Refused refused)
    : settings_(settings),
      clock_(clock),
      in_flight_(in_flight),
      refused_(std::move(refused)),
      writer_(settings.zstd_level) {
  thread_ = std::thread([this] { run(); });
}

Committer::~Committer() { stop(); }

void Committer::start(raft::Replica& replica, int64_t receive_micros) {
  replica_ = &replica;
  last_receive_micros_ = receive_micros;
}

bool Committer::push(std::shared_ptr<Submission> submission) {
  bool first;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
    first = waiting_.empty();
    waiting_.push_back(std::move(submission));
  }
  if (first) wake_.notify_one();
  return true;
}

void Committer::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Committer::run() {
  pthread_setname_np(pthread_self(), "lode-commit");
  for (;;) {
    std::vector<std::shared_ptr<Submission>> taken;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      taken.swap(waiting_);
    }
    propose(encode(taken));
  }
}

std::vector<Committer::Encoded> Committer::encode(const std::vector<std::shared_ptr<Submission>>& taken) {
  std::vector<Encoded> made;
  // Receive times never go back, so that a record's age does not depend on the wall clock's corrections.
  int64_t receive_micros = std::max(last_receive_micros_.load(), clock_.now_micros());
  last_receive_micros_ = receive_micros;

  auto begin = [&] { made.emplace_back().entry.entry.receive_time = {receive_micros}; };
  auto end = [&] {
    made.back().payload = std::make_shared<const std::string>(writer_.encode({receive_micros}));
  };
  begin();
  for (const auto& submission : taken) {
    const auto& events = submission->request.batch.events;
    for (uint32_t i = 0; i < events.size(); ++i) {
      bool full = writer_.count() >= settings_.entry_events ||
                  (writer_.count() > 0 && writer_.bytes() + events[i].payload.size() > settings_.entry_bytes);
      if (full) {
        end();
        begin();
      }
      Committed& current = made.back().entry;
      if (current.submissions.empty() || current.submissions.back() != submission) {
        current.submissions.push_back(submission);
        current.entry.slices.push_back({&submission->request.batch, submission->keys.data(), i, 0});
      }
      ++current.entry.slices.back().count;
      writer_.add(events[i]);
    }
  }
  end();
  return made;
}

void Committer::propose(std::vector<Encoded> encoded) {
  std::vector<raft::Proposal> proposals;
  for (Encoded& one : encoded)
    proposals.push_back({*one.payload, one.payload, in_flight_.add(std::move(one.entry))});
  raft::Proposed outcome = replica_->propose(proposals);
  if (outcome == raft::Proposed::taken) {
    entries_ += proposals.size();
    ++commits_;
    return;
  }
  for (const raft::Proposal& proposal : proposals) {
    if (auto entry = in_flight_.take(proposal.cookie)) refused_(*entry, outcome);
  }
}

}  // namespace lode::ingest
