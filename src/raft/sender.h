// Fills the entries of outgoing AppendEntries: from the tail, or, for a peer that is behind, by a read that
// is answered later. One lane a peer keeps the order: what comes behind a read waits for it. Messages are cut
// at `message_bytes`, so that no peer waits long for one.
#pragma once

#include <deque>
#include <map>
#include <span>

#include "raft/network.h"
#include "raft/storage.h"
#include "raft/tail.h"

namespace lode::raft {

class Sender {
 public:
  Sender(const Tail& tail, Storage& storage, Network& network, size_t message_bytes)
      : tail_(tail), storage_(storage), network_(network), message_bytes_(message_bytes) {}

  // `count` entries behind message.prev_index.
  void append(NodeId to, const std::string& address, AppendEntries message, uint32_t count);
  void read_done(const ReadRequest& request, std::vector<Entry> entries);
  void clear() { lanes_.clear(); }  // not leader any more: nothing that waits may leave

 private:
  struct Job {
    std::string address;
    AppendEntries message;  // of what is left to send, without entries
    uint32_t left;
  };
  struct Lane {
    std::deque<Job> jobs;
    uint64_t reading = 0;  // id of the read that the first job waits for; 0: none
  };
  static constexpr size_t kMaxJobs = 8;  // more are dropped; the library sends again

  void pump(NodeId to, Lane& lane);
  void send(NodeId to, Lane& lane, std::vector<Entry> entries);

  const Tail& tail_;
  Storage& storage_;
  Network& network_;
  size_t message_bytes_;
  std::map<NodeId, Lane> lanes_;
  uint64_t last_read_ = 0;
};

}  // namespace lode::raft
