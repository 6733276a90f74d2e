// The road of encoded entries into the log: proposed here while this node leads, forwarded to the leader
// while it is another. Whatever is refused, lost, or left without an answer is sent again to whoever leads
// then, from the first entry of its span that is not told, until the log tells of it or the deadline comes:
// then its submissions are refused. A second copy in the log does no harm: the first one answers.
//
// Threads: what is new is sent on the thread that brings it, the rest on a thread of its own, which sleeps
// while nothing waits. Of a node that is alone in its group everything is told when propose() returns.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "env/clock.h"
#include "ingest/admission.h"
#include "ingest/forwarder.h"
#include "ingest/in_flight.h"
#include "raft/replica.h"

namespace lode::ingest {

class Proposer {
 public:
  // `room`: has_room() has become true; on any thread, without a lock held.
  Proposer(const Settings& settings, const env::Clock& clock, Admission& admission,
           std::function<void()> room);
  ~Proposer();  // stop()

  // Before the first propose(). `forwarder` may be null: then only this node's replica takes anything.
  void open(raft::Replica& replica, Forwarder* forwarder);

  // One thread at a time. The span's time began `waited_micros` ago.
  void propose(const std::shared_ptr<Span>& span, int64_t waited_micros);
  // Whether another span may be under way; what waits meanwhile makes larger entries.
  bool has_room() const { return open_spans_ < kOpenSpans; }

  // Of the replica's listener.
  void leading();
  void following();
  void leader_changed(const std::optional<raft::Server>& leader);
  void lost(std::span<const uint64_t> cookies);
  std::optional<Committed> take(uint64_t cookie);                // the entry that is committed, once
  std::optional<Committed> recognise(std::string_view payload);  // the same, of an entry from elsewhere

  // Any thread.
  bool leads() const { return leads_; }
  bool is_leaderless() const;  // for so long that new requests need not wait
  uint64_t entries() const { return entries_; }
  uint64_t commits() const { return commits_; }
  uint64_t refused() const { return refused_; }

  void hurry();  // a stop comes: little time is left for what waits
  void stop();   // everything proposed is told or refused when it returns

 private:
  static constexpr uint32_t kOpenSpans = 16;
  // An answer to a call may come when the proposer is gone.
  struct Gate {
    std::mutex mutex;
    Proposer* proposer = nullptr;
  };
  using Lock = std::unique_lock<std::mutex>;

  bool has_road() const { return leads_ || (leader_ && forwarder_); }
  void run();
  void send(Lock& lock, const std::shared_ptr<Span>& span);
  void propose_here(Lock& lock, Span& span);
  void forward(Lock& lock, Span& span);
  void answered(uint64_t cookie, uint64_t attempt, Forwarded outcome);
  void turn();  // another one leads, or nobody
  void again(Span& span, int64_t after_micros);
  void wake_by(int64_t micros);
  void count(Lock& lock);  // gives the lock up
  void give_up(const Span& span, bool stops);

  const Settings& settings_;
  const env::Clock& clock_;
  Admission& admission_;
  std::function<void()> room_;
  raft::Replica* replica_ = nullptr;
  Forwarder* forwarder_ = nullptr;
  const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  std::atomic<uint64_t> entries_ = 0, commits_ = 0, refused_ = 0;
  std::atomic<uint32_t> open_spans_ = 0;
  std::atomic<int64_t> leaderless_since_ = INT64_MAX;  // INT64_MAX: somebody leads, or nothing is open yet

  std::mutex mutex_;  // of all below
  InFlight in_flight_;
  std::atomic<bool> leads_ = false;
  std::optional<raft::NodeId> leader_;
  bool stopping_ = false;
  bool ended_ = false;
  int64_t asleep_until_ = INT64_MIN;  // INT64_MIN: the thread is awake
  std::condition_variable wake_, empty_;
  std::thread thread_;
};

}  // namespace lode::ingest
