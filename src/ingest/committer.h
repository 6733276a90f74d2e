// Group commit: whatever submissions wait become log entries that are proposed together, and with one voter
// share one fsync. Owns the commit thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "env/clock.h"
#include "ingest/barriers.h"
#include "ingest/ingest.h"
#include "ingest/proposer.h"
#include "ingest/submission.h"
#include "record/batch.h"

namespace lode::ingest {

class Committer {
 public:
  Committer(const Settings& settings, const env::Clock& clock, Proposer& proposer, Barriers& barriers);
  ~Committer();

  // Before the first push(). Receive times go on after `receive_micros` (of the last record in the log).
  void start(int64_t receive_micros);
  // Any thread. False: stopping, the submission was not taken.
  [[nodiscard]] bool push(std::shared_ptr<Submission> submission);
  // Any thread: a barrier is wanted, or the proposer has room.
  void look();
  // Any thread. Batches say that this node made them, unless it is alone in its group; 0: they don't.
  void set_origin(uint64_t node) { origin_node_ = node; }
  void set_alone(bool alone) { alone_ = alone; }
  void stop();  // proposes what was pushed, then ends the thread

 private:
  void run();
  std::shared_ptr<Span> encode(const std::vector<std::shared_ptr<Submission>>& taken);
  std::optional<record::Origin> next_origin();
  std::shared_ptr<Span> barrier();

  const Settings& settings_;
  const env::Clock& clock_;
  Proposer& proposer_;
  Barriers& barriers_;
  record::BatchWriter writer_;
  std::atomic<int64_t> last_receive_micros_ = 0;
  std::atomic<uint64_t> origin_node_ = 0;
  std::atomic<bool> alone_ = true;
  uint64_t sequence_ = 0;  // of the last origin

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<Submission>> waiting_;
  int64_t waiting_since_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lode::ingest
