#include "sim/disk.h"

namespace lode::sim {

uint64_t Disk::delay() {
  if (calm_) return 1;
  return dice_.chance(faults_.stall_permille) ? dice_.below(faults_.stall_ms) : dice_.below(faults_.disk_ms);
}

void Disk::later(uint64_t ms, std::function<void()> what) {
  agenda_.in(ms, [this, life = life_, what = std::move(what)] {
    if (life == life_ && group_ != nullptr) what();
  });
}

void Disk::crash() {
  settle();
  queue_.clear();
  ++life_;
  group_ = nullptr;
}

void Disk::settle() {
  if (writing_ && dice_.chance(500)) log_.append(kGroup, writing_->log_entries());
  writing_.reset();
  ++write_;
}

void Disk::save_vote(record::Term term, raft::NodeId vote) {
  raft::save_vote(log_, kGroup, term, mistake_ == Mistake::forget_vote ? raft::NodeId{} : vote);
  voted_();
}

void Disk::append(record::EntryIndex first, std::vector<raft::Entry> entries, uint64_t epoch) {
  if (mistake_ == Mistake::acknowledge_before_sync) {
    const record::EntryIndex last{first.value + entries.size() - 1};
    later(0, [this, last, epoch] { group_->persisted(agenda_.now(), last, epoch); });
  }
  queue_.push(first, std::move(entries), epoch);
  if (!writing_) write();
}

void Disk::write() {
  writing_ = queue_.take(dice_.chance(300) ? 1 : 1u << 20);
  const uint64_t number = ++write_;
  later(delay(), [this, number] {
    if (number != write_) return;
    log_.append(kGroup, writing_->log_entries());
    const record::EntryIndex last = writing_->last();
    const uint64_t epoch = writing_->epoch;
    writing_.reset();
    if (!queue_.empty()) write();
    group_->persisted(agenda_.now(), last, epoch);
  });
}

void Disk::read(const raft::ReadRequest& request) {
  later(delay(), [this, request] {
    std::vector<raft::Entry> entries;
    const uint32_t count = dice_.chance(300) ? 1 : request.count;  // as if the bytes had been full
    for (uint32_t i = 0; i < count; ++i) {
      auto stored = log_.read(kGroup, {request.first.value + i});
      if (!stored) break;
      auto owner = std::make_shared<std::string>(std::move(stored->payload));
      entries.push_back({stored->term, stored->type, *owner, owner});
    }
    group_->read_done(request, std::move(entries));
  });
}

void Disk::save_floor(const raft::Snapshot& snapshot) {
  raft::save_floor(log_, kGroup, snapshot);
  later(delay(), [this, snapshot] { log_.truncate_prefix(kGroup, {snapshot.index.value + 1}); });
}

void Disk::install(const raft::Snapshot& snapshot) {
  settle();
  queue_.clear();
  raft::install(log_, kGroup, snapshot);
}

}  // namespace lode::sim
