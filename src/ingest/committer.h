// Group commit: whatever submissions wait become log entries with one fsync. Owns the commit thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "env/clock.h"
#include "ingest/submission.h"
#include "log/log.h"
#include "materialize/materializer.h"
#include "record/batch.h"

namespace lode::ingest {

// A committed entry and the submissions whose events it holds, slice by slice.
struct Committed {
  materialize::CommittedEntry entry;
  std::vector<std::shared_ptr<Submission>> submissions;  // as entry.slices
};

class Committer {
 public:
  // `committed` takes what one fsync made durable, in the order of the log; on the commit thread.
  Committer(const Settings& settings, log::Log& log, record::GroupId group, const env::Clock& clock,
            std::function<void(std::vector<Committed>)> committed);
  ~Committer();

  // Any thread. False: stopping, the submission was not taken.
  [[nodiscard]] bool push(std::shared_ptr<Submission> submission);
  // Receive times go on after this one (of the last record in the log). Before the first push().
  void start_after(int64_t receive_micros) { last_receive_micros_ = receive_micros; }
  void stop();  // commits what was pushed, then ends the thread
  uint64_t entries() const { return entries_; }
  uint64_t commits() const { return commits_; }

 private:
  void run();
  void commit(const std::vector<std::shared_ptr<Submission>>& taken);

  const Settings& settings_;
  log::Log& log_;
  record::GroupId group_;
  const env::Clock& clock_;
  std::function<void(std::vector<Committed>)> committed_;
  record::BatchWriter writer_;
  std::atomic<int64_t> last_receive_micros_ = 0;
  std::atomic<uint64_t> entries_ = 0, commits_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<Submission>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lode::ingest
