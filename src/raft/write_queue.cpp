#include "raft/write_queue.h"

#include <iterator>

namespace lode::raft {

std::vector<log::Entry> WriteQueue::Batch::log_entries() const {
  std::vector<log::Entry> out;
  out.reserve(entries.size());
  uint64_t index = first.value;
  for (const Entry& entry : entries) out.push_back({{index++}, entry.term, entry.type, entry.payload});
  return out;
}

void WriteQueue::push(record::EntryIndex first, std::vector<Entry> entries, uint64_t epoch) {
  waiting_.push_back({first, std::move(entries), epoch});
}

WriteQueue::Batch WriteQueue::take(size_t max_bytes) {
  Batch out;
  size_t bytes = 0;
  while (!waiting_.empty() && (out.entries.empty() || bytes < max_bytes)) {
    Batch next = std::move(waiting_.front());
    waiting_.pop_front();
    for (const Entry& entry : next.entries) bytes += entry.payload.size();
    if (out.entries.empty() || next.first <= out.first) {
      out = std::move(next);
      continue;
    }
    out.entries.resize(next.first.value - out.first.value);
    out.entries.insert(out.entries.end(), std::make_move_iterator(next.entries.begin()),
                       std::make_move_iterator(next.entries.end()));
    out.epoch = next.epoch;
  }
  return out;
}

}  // namespace lode::raft
