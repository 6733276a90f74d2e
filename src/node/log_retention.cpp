#include "node/log_retention.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "env/log.h"
#include "record/batch.h"

namespace lode::node {

namespace {

constexpr std::chrono::milliseconds kTick{1000};
constexpr std::chrono::milliseconds kLook{50};  // whether the state is on the disk by now
constexpr int kLooks = 200;
constexpr uint64_t kParts = 16;     // of the log, at least, is dropped in
constexpr uint64_t kLeastPart = 2;  // a group does not begin behind its first entry
constexpr uint64_t kDueParts = 32;  // a drop is worth its while from one of so many on

}  // namespace

LogRetention::LogRetention(Rules rules, Node node) : node_(std::move(node)), rules_(rules) {}

LogRetention::~LogRetention() { stop(); }

void LogRetention::start() {
  thread_ = std::thread([this] { run(); });
}

void LogRetention::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const Request& request : std::exchange(requests_, {})) {
    request.done({{floor().value + 1}, 0, "the node is stopping"});
  }
}

void LogRetention::truncate(record::EntryIndex last, bool dry_run, std::function<void(Truncation)> done) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      requests_.push_back({last, dry_run, std::move(done)});
      wake_.notify_all();
      return;
    }
  }
  done({{floor().value + 1}, 0, "the node is stopping"});
}

void LogRetention::set_rules(const Rules& rules) {
  std::lock_guard lock(mutex_);
  rules_ = rules;
}

LogRetention::Rules LogRetention::rules() const {
  std::lock_guard lock(mutex_);
  return rules_;
}

std::string LogRetention::held_by() const {
  std::lock_guard lock(mutex_);
  return held_by_;
}

bool LogRetention::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [this] { return stopping_; });
  return !stopping_;
}

void LogRetention::run() {
  pthread_setname_np(pthread_self(), "lode-retention");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!requests_.empty()) {
      const Request request = std::move(requests_.front());
      requests_.pop_front();
      lock.unlock();
      answer(request);
      lock.lock();
      continue;
    }
    lock.unlock();
    try {
      look();
    } catch (const std::exception& error) {  // what can't be read is not dropped
      env::log_warning("retention.failed", fmt::format("retention: {}", error.what()),
                       {{"error", error.what()}});
    }
    lock.lock();
    wake_.wait_for(lock, kTick, [this] { return stopping_ || !requests_.empty(); });
  }
}

uint64_t LogRetention::entries() const { return node_.log.last_index(node_.group).value - floor().value; }

raft::Prunable LogRetention::prunable(record::EntryIndex last, bool once_durable) const {
  raft::Retention retention = node_.holders();
  const record::EntryIndex applied = node_.applied();
  retention.wanted = std::min(last, applied);  // what is not applied is nobody's past yet
  if (once_durable) retention.durable = std::max(retention.durable, applied);
  return raft::prunable(retention, floor());
}

void LogRetention::answer(const Request& request) {
  Truncation out;
  const record::EntryIndex from = floor();
  if (request.dry_run) {
    const raft::Prunable could = prunable(request.last, true);
    out = {{std::max(from, could.index).value + 1}, 0, could.held_by};
    out.dropped = out.first.value - 1 - from.value;
    return request.done(std::move(out));
  }
  const record::EntryIndex last = std::min(request.last, node_.applied());
  try {
    // Asked each time: while an epoch is being written no other one is ended.
    for (int i = 0; i < kLooks && last > from && node_.holders().durable < last; ++i) {
      node_.make_durable();
      if (!wait(kLook)) break;
    }
  } catch (const std::exception& error) {  // nothing is written any more: what holds it back says the rest
    env::log_warning("retention.failed", fmt::format("retention: {}", error.what()),
                     {{"error", error.what()}});
  }
  const uint64_t part = std::max(kLeastPart, entries() / kParts);
  for (;;) {
    const raft::Prunable now = prunable(last, false);
    out.held_by = now.held_by;
    const record::EntryIndex before = floor();
    if (now.index <= before) break;
    if (node_.prune(std::min(now.index, record::EntryIndex{before.value + part})) <= before) {
      out.held_by = "the group keeps its last entries";
      break;
    }
    if (floor() >= last || !wait(std::chrono::milliseconds{0})) break;
  }
  out.first = {floor().value + 1};
  out.dropped = floor().value - from.value;
  if (out.dropped > 0)
    env::log_info("log.truncated",
                  fmt::format("log: the entries before {} were dropped by an operator", out.first.value),
                  {{"first_entry", out.first.value}});
  request.done(std::move(out));
}

void LogRetention::look() {
  const record::EntryIndex wanted = due(), from = floor();
  const uint64_t part = std::max(kLeastPart, entries() / kParts);
  raft::Prunable now;
  if (wanted > from) {
    if (node_.holders().durable < wanted) node_.make_durable();
    now = prunable(wanted, false);
    if (now.index > from) node_.prune(std::min(now.index, record::EntryIndex{from.value + part}));
    if (floor() > from)
      env::log_debug("log.retained",
                     fmt::format("log: the entries before {} were dropped by retention", floor().value + 1),
                     {{"first_entry", floor().value + 1}});
  }
  std::lock_guard lock(mutex_);
  held_by_ = now.held_by;
}

record::EntryIndex LogRetention::due() const {
  record::EntryIndex last;
  const Rules rules = this->rules();
  if (rules.bytes > 0) last = node_.log.last_beyond(node_.group, rules.bytes);
  const uint64_t least = floor().value + std::max<uint64_t>(1, entries() / kDueParts);
  if (rules.seconds > 0 && entries() > 0) {
    const int64_t oldest = node_.clock.now_micros() - static_cast<int64_t>(rules.seconds) * 1'000'000;
    if (is_older({least}, oldest)) last = std::max(last, last_older(oldest));
  }
  return last.value < least ? record::EntryIndex{} : last;
}

// An entry without a time counts as the next one that has one; none at the log's end is old.
bool LogRetention::is_older(record::EntryIndex index, int64_t micros) const {
  constexpr int kMostWithout = 4096;  // more, and it counts as new
  bool older = false;
  int without = 0;
  node_.log.scan(node_.group, index, [&](const log::StoredEntry& entry) {
    if (entry.type != log::EntryType::batch) return ++without < kMostWithout;
    older = record::RecordBatch::decode(entry.payload).receive_time().value < micros;
    return false;
  });
  return older;
}

record::EntryIndex LogRetention::last_older(int64_t micros) const {
  uint64_t low = floor().value, high = node_.log.last_index(node_.group).value;
  while (low < high) {
    const uint64_t middle = low + (high - low + 1) / 2;
    if (is_older({middle}, micros)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return {low};
}

}  // namespace lode::node
