#include "ingest/committer.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace lode::ingest {

Committer::Committer(const Settings& settings, const env::Clock& clock, Proposer& proposer,
                     Barriers& barriers)
    : settings_(settings),
      clock_(clock),
      proposer_(proposer),
      barriers_(barriers),
      writer_(settings.zstd_level) {
  thread_ = std::thread([this] { run(); });
}

Committer::~Committer() { stop(); }

void Committer::start(int64_t receive_micros) {
  last_receive_micros_ = receive_micros;
  // Beyond what an earlier run of the process gave, unless the wall clock went back; receive times do not.
  sequence_ = static_cast<uint64_t>(clock_.now_micros());
}

bool Committer::push(std::shared_ptr<Submission> submission) {
  bool first;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
    first = waiting_.empty();
    if (first) waiting_since_ = clock_.steady_micros();
    waiting_.push_back(std::move(submission));
  }
  if (first) wake_.notify_one();
  return true;
}

void Committer::look() {
  {
    std::lock_guard lock(mutex_);  // the commit thread is not between its own look and its sleep
  }
  wake_.notify_one();
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
    int64_t since = 0;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] {
        return stopping_ || barriers_.is_wanted() || (!waiting_.empty() && proposer_.has_room());
      });
      if (stopping_ || proposer_.has_room()) taken.swap(waiting_);
      since = waiting_since_;
      if (stopping_ && taken.empty()) return;
    }
    if (barriers_.begin()) proposer_.propose(barrier(), 0);
    if (!taken.empty()) proposer_.propose(encode(taken), clock_.steady_micros() - since);
  }
}

std::shared_ptr<Span> Committer::barrier() {
  static const auto kNothing = std::make_shared<const std::string>();
  auto span = std::make_shared<Span>();
  span->type = log::EntryType::barrier;
  span->items.emplace_back().payload = kNothing;
  span->items.back().entry.barrier = &barriers_;
  return span;
}

std::shared_ptr<Span> Committer::encode(const std::vector<std::shared_ptr<Submission>>& taken) {
  auto span = std::make_shared<Span>();
  std::vector<Span::Item>& made = span->items;
  // Receive times never go back, so that a record's age does not depend on the wall clock's corrections.
  int64_t receive_micros = std::max(last_receive_micros_.load(), clock_.now_micros());
  last_receive_micros_ = receive_micros;

  auto begin = [&] { made.emplace_back().entry.entry.receive_time = {receive_micros}; };
  auto end = [&] {
    made.back().payload =
        std::make_shared<const std::string>(writer_.encode({receive_micros}, next_origin()));
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
  return span;
}

std::optional<record::Origin> Committer::next_origin() {
  if (alone_ || origin_node_ == 0) return std::nullopt;
  return record::Origin{origin_node_, ++sequence_};
}

}  // namespace lode::ingest
