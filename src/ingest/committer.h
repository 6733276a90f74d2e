// Group commit: whatever submissions wait become log entries that are proposed together, and with one voter
// share one fsync. Owns the commit thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "env/clock.h"
#include "ingest/in_flight.h"
#include "ingest/ingest.h"
#include "ingest/submission.h"
#include "raft/replica.h"
#include "record/batch.h"

namespace lode::ingest {

class Committer {
 public:
  // What is proposed is put into `in_flight` first. `refused` takes the submissions of what the replica did
  // not take, and why; on the commit thread.
  using Refused = std::function<void(const Committed& entry, raft::Proposed why)>;
  Committer(const Settings& settings, const env::Clock& clock, InFlight& in_flight, Refused refused);
  ~Committer();

  // Before the first push(). Receive times go on after `receive_micros` (of the last record in the log).
  void start(raft::Replica& replica, int64_t receive_micros);
  // Any thread. False: stopping, the submission was not taken.
  [[nodiscard]] bool push(std::shared_ptr<Submission> submission);
  void stop();  // proposes what was pushed, then ends the thread
  uint64_t entries() const { return entries_; }
  uint64_t commits() const { return commits_; }

 private:
  struct Encoded {
    Committed entry;
    std::shared_ptr<const std::string> payload;
  };
  void run();
  std::vector<Encoded> encode(const std::vector<std::shared_ptr<Submission>>& taken);
  void propose(std::vector<Encoded> encoded);

  const Settings& settings_;
  const env::Clock& clock_;
  InFlight& in_flight_;
  Refused refused_;
  raft::Replica* replica_ = nullptr;
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
