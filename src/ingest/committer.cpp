#include "ingest/committer.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace lode::ingest {

namespace {
constexpr record::Term kSingleNodeTerm{1};
}

Committer::Committer(const Settings& settings, log::Log& log, record::GroupId group, const env::Clock& clock,
                     std::function<void(std::vector<Committed>)> committed)
    : settings_(settings),
      log_(log),
      group_(group),
      clock_(clock),
      committed_(std::move(committed)),
      writer_(settings.zstd_level) {
  thread_ = std::thread([this] { run(); });
}

Committer::~Committer() { stop(); }

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
    commit(taken);
  }
}

void Committer::commit(const std::vector<std::shared_ptr<Submission>>& taken) {
  std::vector<Committed> made;
  std::vector<std::string> payloads;
  // Receive times never go back, so that a record's age does not depend on the wall clock's corrections.
  int64_t receive_micros = std::max(last_receive_micros_.load(), clock_.now_micros());
  last_receive_micros_ = receive_micros;
  uint64_t next_index = log_.last_index(group_).value + 1;

  auto begin = [&] { made.push_back({{{next_index++}, {receive_micros}, {}}, {}}); };
  auto end = [&] { payloads.push_back(writer_.encode({receive_micros})); };
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
      Committed& current = made.back();
      if (current.submissions.empty() || current.submissions.back() != submission) {
        current.submissions.push_back(submission);
        current.entry.slices.push_back({&submission->request.batch, submission->keys.data(), i, 0});
      }
      ++current.entry.slices.back().count;
      writer_.add(events[i]);
    }
  }
  end();

  std::vector<log::Entry> entries;
  for (size_t i = 0; i < made.size(); ++i)
    entries.push_back({made[i].entry.index, kSingleNodeTerm, log::EntryType::batch, payloads[i]});
  log_.append(group_, entries);
  entries_ += entries.size();
  ++commits_;
  committed_(std::move(made));
}

}  // namespace lode::ingest
