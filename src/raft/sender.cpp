#include "raft/sender.h"

#include <algorithm>

namespace lode::raft {

void Sender::append(NodeId to, const std::string& address, AppendEntries message, uint32_t count) {
  Lane& lane = lanes_[to];
  if (lane.jobs.empty() || count > 0) {
    if (lane.jobs.size() >= kMaxJobs) return;
    lane.jobs.push_back({address, std::move(message), count});
    if (lane.reading == 0) pump(to, lane);
    return;
  }
  // A heartbeat goes past the read, but names an entry that the peer may have: not those that wait here.
  message.prev_index = lane.jobs.front().message.prev_index;
  message.prev_term = lane.jobs.front().message.prev_term;
  network_.send(to, address, std::move(message));
}

void Sender::pump(NodeId to, Lane& lane) {
  while (!lane.jobs.empty()) {
    const Job& job = lane.jobs.front();
    std::vector<Entry> entries;
    record::EntryIndex index{job.message.prev_index.value + 1};
    size_t bytes = 0;
    while (entries.size() < job.left) {
      const Entry* entry = tail_.find(index);
      if (entry == nullptr || (bytes > 0 && bytes + entry->payload.size() > message_bytes_)) break;
      bytes += entry->payload.size();
      entries.push_back(*entry);
      ++index.value;
    }
    if (entries.empty() && job.left > 0) {
      // Not beyond: what the tail has may not be on the disk yet, and an older leader's entries in its place.
      const uint64_t before_tail = tail_.first().value - index.value;
      lane.reading = ++last_read_;
      const auto count = static_cast<uint32_t>(std::min<uint64_t>(job.left, before_tail));
      storage_.read({to, lane.reading, index, count, message_bytes_});
      return;
    }
    send(to, lane, std::move(entries));
  }
}

// Sends the front job with these entries, and keeps what is left of it.
void Sender::send(NodeId to, Lane& lane, std::vector<Entry> entries) {
  Job& job = lane.jobs.front();
  const auto count = static_cast<uint32_t>(entries.size());
  AppendEntries message = job.message;
  if (count > 0) {
    job.message.prev_index.value += count;
    job.message.prev_term = entries.back().term;
  }
  job.left -= count;
  message.entries = std::move(entries);
  network_.send(to, job.address, std::move(message));
  if (job.left == 0) lane.jobs.pop_front();
}

void Sender::read_done(const ReadRequest& request, std::vector<Entry> entries) {
  const auto found = lanes_.find(request.peer);
  if (found == lanes_.end() || found->second.reading != request.id) return;
  Lane& lane = found->second;
  lane.reading = 0;
  if (entries.empty()) {
    lane.jobs.pop_front();
  } else {
    entries.resize(std::min<size_t>(entries.size(), lane.jobs.front().left));
    send(request.peer, lane, std::move(entries));
  }
  pump(request.peer, lane);
}

}  // namespace lode::raft
