// Drops the log's prefix: what the configuration no longer wants kept, and what an operator says. Never what
// a start of this node would replay, what another node is about to read, or what rows are being built from.
//
// A part at a time, none of more than a sixteenth of the log, so that nobody who writes waits for it. What is
// due is left alone until it is a thirty-second of the log: each drop has the entries' references rewritten.
//
// Threads: one of its own does everything; calls from any.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "env/clock.h"
#include "log/log.h"
#include "raft/retention.h"

namespace lode::node {

struct Truncation {
  record::EntryIndex first;  // that is left; in a dry run, that would be
  uint64_t dropped = 0;      // entries
  std::string held_by;       // why it is not all that was wanted; ""
};

class LogRetention {
 public:
  struct Rules {
    uint64_t bytes = 0;    // of payloads to keep; 0: all
    uint64_t seconds = 0;  // how old a record may get; 0: any age
  };
  struct Node {
    const log::Log& log;
    record::GroupId group;
    const env::Clock& clock;
    // `wanted` is not looked at.
    std::function<raft::Retention()> holders;
    std::function<record::EntryIndex()> applied;
    // Has the state written up to what is applied now; does not wait for it.
    std::function<void()> make_durable;
    std::function<record::EntryIndex(record::EntryIndex)> prune;  // raft::Replica::prune()
  };

  LogRetention(Rules rules, Node node);
  ~LogRetention();  // stop()

  void start();
  void stop();  // what waits is answered with what was reached

  // Up to `last`, now. A dry run says what would go once the state is on the disk. `done` runs once, on the
  // thread of this.
  void truncate(record::EntryIndex last, bool dry_run, std::function<void(Truncation)> done);
  // From the next look on. Any thread.
  void set_rules(const Rules& rules);
  Rules rules() const;
  // What held it back last; "".
  std::string held_by() const;

  // One look at the rules, as the thread has every second.
  void look();

 private:
  struct Request {
    record::EntryIndex last;
    bool dry_run = false;
    std::function<void(Truncation)> done;
  };
  void run();
  void answer(const Request& request);
  raft::Prunable prunable(record::EntryIndex last, bool once_durable) const;
  record::EntryIndex floor() const { return {node_.log.first_index(node_.group).value - 1}; }
  uint64_t entries() const;
  record::EntryIndex due() const;
  bool is_older(record::EntryIndex index, int64_t micros) const;
  record::EntryIndex last_older(int64_t micros) const;
  bool wait(std::chrono::milliseconds time);  // false: stopping

  const Node node_;
  mutable std::mutex mutex_;  // of all below
  Rules rules_;
  std::condition_variable wake_;
  std::deque<Request> requests_;
  std::string held_by_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lode::node
