#include "raft/replica.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "raft/told.h"
#include "raft/write_queue.h"

namespace lode::raft {

using Clock = std::chrono::steady_clock;

struct Replica::Impl final : Storage, Observer {
  Impl(const ReplicaSettings& settings_in, log::Log& log_in, record::GroupId id, Network& network,
       Listener& listener_in)
      : settings(settings_in),
        log(log_in),
        group_id(id),
        listener(listener_in),
        told(settings_in.untold_bytes) {
    settings.group.engine.seed = std::random_device{}();
    group.emplace(settings.group, *this, network, *this);
  }

  static uint64_t now() {
    const auto since = Clock::now().time_since_epoch();
    return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
  }

  // Storage: called under the lock.
  void save_vote(record::Term term, NodeId vote) override {
    std::lock_guard disk(disk_mutex);
    raft::save_vote(log, group_id, term, vote);
  }
  void append(record::EntryIndex first, std::vector<Entry> entries, uint64_t epoch) override {
    queue.push(first, std::move(entries), epoch);
  }
  void read(const ReadRequest& request) override {
    reads.push_back(request);
    reader_wake.notify_one();
  }
  void save_floor(const Snapshot& snapshot) override {
    std::lock_guard disk(disk_mutex);
    raft::save_floor(log, group_id, snapshot);
  }
  void install(const Snapshot& snapshot) override;

  // Observer: called under the lock; the listener hears of it later.
  void committed(std::span<const Committed> entries) override { told.push(entries, group->persisted()); }
  void leading(record::Term term) override {
    told.push([this, term] { listener.leading(term); });
  }
  void following() override {
    told.push([this] { listener.following(); });
  }
  void leader_changed(const std::optional<Server>& leader) override {
    told.push([this, leader] { listener.leader_changed(leader); });
  }
  void configured(const Configuration& configuration, record::EntryIndex index) override {
    told.push([this, configuration, index] { listener.configured(configuration, index); });
  }
  void removed() override {
    told.push([this] { listener.removed(); });
  }
  void in_doubt(std::span<const uint64_t> cookies) override {
    told.push([this, list = std::vector(cookies.begin(), cookies.end())] { listener.in_doubt(list); });
  }
  void lost(std::span<const uint64_t> cookies) override {
    told.push([this, list = std::vector(cookies.begin(), cookies.end())] { listener.lost(list); });
  }
  void install(const Snapshot& snapshot, const Server& leader) override {
    told.push([this, snapshot, leader] { listener.install(snapshot, leader); });
  }

  using Lock = std::unique_lock<std::mutex>;

  // After an event: wakes who has something to do, or does it here.
  void settle(Lock& lock, bool here);
  template <typename Event>
  auto step(const Event& event) {
    Lock lock(mutex);
    const auto outcome = event(*group);
    settle(lock, false);
    return outcome;
  }
  void write(Lock& lock) noexcept;  // what fails on the disk ends the process
  void tell(Lock& lock);
  void run_writer() noexcept;
  void run_timer() noexcept;
  void run_reader() noexcept;
  void run_teller() noexcept;

  ReplicaSettings settings;
  log::Log& log;
  record::GroupId group_id;
  Listener& listener;

  std::mutex
      disk_mutex;  // of writes to the log; taken with `mutex` held, and given up before it is taken again
  mutable std::mutex mutex;  // of all below
  std::condition_variable writer_wake, timer_wake, reader_wake, teller_wake, idle;
  std::optional<Group> group;
  WriteQueue queue;
  std::deque<ReadRequest> reads;
  Told told;
  uint64_t timer_at = 0;  // for which the timer waits
  bool writing = false;   // somebody is at the disk
  bool telling = false;   // somebody is at the listener
  bool started = false;
  bool stopping = false;
  std::vector<std::thread> threads;
};

void Replica::Impl::install(const Snapshot& snapshot) {
  queue.clear();
  std::lock_guard disk(disk_mutex);  // a write under way ends first
  raft::install(log, group_id, snapshot);
}

void Replica::Impl::write(Lock& lock) noexcept {
  if (writing) return;
  writing = true;
  while (!queue.empty()) {
    const WriteQueue::Batch batch = queue.take(settings.write_bytes);
    {
      std::lock_guard disk(disk_mutex);
      lock.unlock();
      log.append(group_id, batch.log_entries());
    }
    lock.lock();
    group->persisted(now(), batch.last(), batch.epoch);
  }
  writing = false;
  if (stopping) idle.notify_all();
}

void Replica::Impl::tell(Lock& lock) {
  if (telling) return;
  telling = true;
  while (!told.empty() && !stopping) {
    const Told::Call call = told.pop();
    lock.unlock();
    if (!call.entries.empty()) listener.committed(call.entries);
    for (const auto& other : call.other) other();
    lock.lock();
  }
  telling = false;
  if (stopping) idle.notify_all();
}

void Replica::Impl::settle(Lock& lock, bool here) {
  if (here && group->is_sole_voter()) {
    write(lock);
    tell(lock);
  }
  if (!queue.empty() && !writing) writer_wake.notify_one();
  if (!told.empty() && !telling) teller_wake.notify_one();
  if (group->timeout_at() < timer_at) timer_wake.notify_one();
}

void Replica::Impl::run_writer() noexcept {
  pthread_setname_np(pthread_self(), "lode-raft-write");
  Lock lock(mutex);
  for (;;) {
    writer_wake.wait(lock, [this] { return stopping || (!queue.empty() && !writing); });
    if (stopping) return;
    write(lock);
    settle(lock, false);
  }
}

void Replica::Impl::run_teller() noexcept {
  pthread_setname_np(pthread_self(), "lode-raft-tell");
  Lock lock(mutex);
  for (;;) {
    teller_wake.wait(lock, [this] { return stopping || (!told.empty() && !telling); });
    if (stopping) return;
    tell(lock);
  }
}

void Replica::Impl::run_timer() noexcept {
  pthread_setname_np(pthread_self(), "lode-raft-time");
  Lock lock(mutex);
  while (!stopping) {
    const uint64_t at = timer_at = group->timeout_at();
    const uint64_t moment = now();
    if (moment < at) {
      timer_wake.wait_for(lock, std::chrono::milliseconds(at - moment));
      continue;
    }
    group->timeout(moment);
    settle(lock, false);
    if (group->timeout_at() <= moment) timer_wake.wait_for(lock, std::chrono::milliseconds(1));
  }
}

void Replica::Impl::run_reader() noexcept {
  pthread_setname_np(pthread_self(), "lode-raft-read");
  Lock lock(mutex);
  for (;;) {
    reader_wake.wait(lock, [this] { return stopping || !reads.empty(); });
    if (stopping) return;
    const ReadRequest request = reads.front();
    reads.pop_front();
    lock.unlock();
    std::vector<Entry> entries;
    size_t bytes = 0;
    log.scan(group_id, request.first, [&](const log::StoredEntry& stored) {
      if (entries.empty() && stored.index != request.first) return false;  // it was dropped meanwhile
      auto owner = std::make_shared<const std::string>(stored.payload);
      bytes += owner->size();
      entries.push_back({stored.term, stored.type, *owner, owner});
      return entries.size() < request.count && bytes < request.bytes;
    });
    lock.lock();
    group->read_done(request, std::move(entries));
    settle(lock, false);
  }
}

Replica::Replica(const ReplicaSettings& settings, log::Log& log, record::GroupId group, Network& network,
                 Listener& listener)
    : impl_(std::make_unique<Impl>(settings, log, group, network, listener)) {}

Replica::~Replica() { stop(); }

void Replica::start(record::EntryIndex applied) {
  Impl& r = *impl_;
  Impl::Lock lock(r.mutex);
  Recovered recovered = recover(r.log, r.group_id);
  r.started = true;
  r.group->start(Impl::now(), std::move(recovered), applied);
  r.threads.emplace_back([&r] { r.run_writer(); });
  r.threads.emplace_back([&r] { r.run_timer(); });
  r.threads.emplace_back([&r] { r.run_reader(); });
  r.threads.emplace_back([&r] { r.run_teller(); });
  r.settle(lock, true);
}

void Replica::stop() {
  Impl& r = *impl_;
  {
    Impl::Lock lock(r.mutex);
    r.stopping = true;
    for (auto* wake : {&r.writer_wake, &r.timer_wake, &r.reader_wake, &r.teller_wake}) wake->notify_all();
    r.idle.wait(lock, [&r] { return !r.writing && !r.telling; });
  }
  for (std::thread& thread : r.threads) thread.join();
  r.threads.clear();
}

Proposed Replica::propose(std::span<const Proposal> proposals) {
  Impl& r = *impl_;
  Impl::Lock lock(r.mutex);
  if (r.stopping || !r.started) return Proposed::not_leader;
  const Proposed outcome = r.group->propose(Impl::now(), proposals);
  r.settle(lock, true);
  return outcome;
}

void Replica::receive(NodeId from, const std::string& address, Message message) noexcept {
  Impl& r = *impl_;
  Impl::Lock lock(r.mutex);
  if (r.stopping || !r.started) return;
  r.group->receive(Impl::now(), from, address, std::move(message));
  r.settle(lock, false);
}

void Replica::install_done(const Snapshot& snapshot, bool success) noexcept {
  Impl& r = *impl_;
  Impl::Lock lock(r.mutex);
  if (r.stopping || !r.started) return;
  r.group->install_done(Impl::now(), snapshot, success);
  r.settle(lock, false);
}

Changed Replica::add_standby(const Server& server) {
  return impl_->step([&](Group& group) { return group.add_standby(Impl::now(), server); });
}

Changed Replica::promote(NodeId id) {
  return impl_->step([&](Group& group) { return group.promote(Impl::now(), id); });
}

Changed Replica::remove(NodeId id) {
  return impl_->step([&](Group& group) { return group.remove(Impl::now(), id); });
}

Changed Replica::readdress(NodeId id, const std::string& address) {
  return impl_->step([&](Group& group) { return group.readdress(Impl::now(), id, address); });
}

bool Replica::transfer(NodeId to) {
  return impl_->step([&](Group& group) { return group.transfer(Impl::now(), to); });
}

record::EntryIndex Replica::raise_floor(record::EntryIndex index) {
  return impl_->step([&](Group& group) { return group.prune(Impl::now(), index); });
}

record::EntryIndex Replica::prune(record::EntryIndex index) {
  const record::EntryIndex last = std::min(index, raise_floor(index));
  impl_->log.truncate_prefix(impl_->group_id, {last.value + 1});
  return last;
}

Status Replica::status() const {
  Impl::Lock lock(impl_->mutex);
  return impl_->group->status();
}

std::optional<Server> Replica::leader() const {
  Impl::Lock lock(impl_->mutex);
  return impl_->group->leader();
}

}  // namespace lode::raft
