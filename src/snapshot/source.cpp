#include "snapshot/source.h"

#include <fmt/format.h>
#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "env/log.h"
#include "peer/fields.h"
#include "snapshot/outgoing.h"
#include "snapshot/rate_bound.h"

namespace lode::snapshot {

namespace {

constexpr size_t kMaxWaiting = 1024;            // requests
constexpr size_t kHashBytes = size_t{4} << 20;  // between two requests
constexpr std::chrono::seconds kLookAround{1};

struct Job {
  raft::NodeId from;
  int64_t deadline_micros;
  peer::Bytes body;
  peer::Done done;
};

peer::Answer failure(std::string code, std::string detail) {
  return {peer::Outcome::failed, std::move(code), std::move(detail), {}};
}

peer::Answer success(std::string body) { return {peer::Outcome::ok, {}, {}, peer::Bytes(std::move(body))}; }

uint64_t random_number() {
  std::random_device random;
  return uint64_t{random()} << 32 | random();
}

}  // namespace

struct Source::Impl {
  Impl(SourceSettings chosen, Make how, const env::Clock& time)
      : settings(std::move(chosen)), make(std::move(how)), clock(time), rate(settings.bytes_per_second) {
    std::filesystem::remove_all(settings.folder);
    std::filesystem::create_directories(settings.folder);
  }

  const SourceSettings settings;
  const Make make;
  const env::Clock& clock;

  // The source's thread.
  std::list<Outgoing> snapshots;  // newest last
  KnownHashes known;
  RateBound rate;
  uint64_t next_id = random_number();

  mutable std::mutex mutex;  // everything below
  std::condition_variable changed;
  std::deque<Job> waiting;
  std::optional<record::EntryIndex> held;
  bool stopping = false;
  std::thread thread;

  bool is_full() const { return free_bytes(settings.folder) < settings.reserved_disk_bytes; }

  void publish_held() {
    std::optional<record::EntryIndex> lowest;
    for (const Outgoing& one : snapshots) {
      const record::EntryIndex entry{one.checkpoint().entry_index};
      lowest = lowest ? std::min(*lowest, entry) : entry;
    }
    std::lock_guard lock(mutex);
    held = lowest;
  }

  template <typename Unwanted>
  void drop_if(const Unwanted& unwanted) {
    if (snapshots.remove_if(unwanted) > 0) publish_held();
  }

  void look_around() {
    if (snapshots.empty()) return;
    const int64_t oldest = clock.steady_micros() - settings.keep.count();
    const bool full = is_full();
    if (full)
      env::log_warning("snapshot.given_up",
                       "the disk is nearly full: what other nodes were reading of the state is given up");
    drop_if([&](const Outgoing& one) { return full || one.used_micros < oldest; });
  }

  void leave(raft::NodeId reader, const Outgoing* except) {
    drop_if([&](Outgoing& one) {
      if (&one == except) return false;
      return one.readers.erase(reader) > 0 && one.readers.empty();
    });
  }

  peer::Answer answer(raft::NodeId from, const Open& open) {
    for (auto one = snapshots.rbegin(); one != snapshots.rend(); ++one) {
      if (open.wanted.fits(one->checkpoint())) return join(from, *one);
    }
    leave(from, nullptr);
    if (snapshots.size() >= settings.most_snapshots)
      return failure("busy", "other nodes are reading as many snapshots as there may be");
    if (is_full()) return failure("no_room", "the disk has less free space than the reserve");
    const std::filesystem::path folder = settings.folder / std::to_string(next_id);
    store::Checkpoint checkpoint;
    try {
      checkpoint = make(folder);
      snapshots.emplace_back(folder, next_id++, checkpoint, known);
    } catch (const std::exception& error) {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
      return failure("no_state", error.what());
    }
    if (auto refused = refuse(open.wanted, checkpoint)) {
      snapshots.pop_back();
      return std::move(*refused);
    }
    env::log_info(
        "snapshot.begun",
        fmt::format("node {} begins to read the state at entry {}", from.value, checkpoint.entry_index),
        {{"node", from.value}, {"entry", checkpoint.entry_index}});
    publish_held();
    return join(from, snapshots.back());
  }

  peer::Answer join(raft::NodeId from, Outgoing& one) {
    leave(from, &one);
    one.readers.insert(from);
    one.used_micros = clock.steady_micros();
    return success(encode(one.opened()));
  }

  static std::optional<peer::Answer> refuse(const Wanted& wanted, const store::Checkpoint& checkpoint) {
    if (checkpoint.entry_index == 0) return failure("no_state", "there is no state on the disk yet");
    if (checkpoint.entry_index < wanted.least_entry)
      return failure("behind", "the state on the disk is at entry " + std::to_string(checkpoint.entry_index) +
                                   ", before entry " + std::to_string(wanted.least_entry));
    if (!wanted.fits(checkpoint)) return failure("other_ruleset", "the state was made by another ruleset");
    return std::nullopt;
  }

  peer::Answer answer(raft::NodeId from, const Read& read) {
    for (Outgoing& one : snapshots) {
      if (one.id() != read.snapshot || !one.is_ready()) continue;
      if (!one.holds(read)) return failure("bad_request", "the snapshot has no such piece");
      one.readers.insert(from);
      one.used_micros = clock.steady_micros();
      rate.sent(read.length, one.used_micros);
      return success(one.read_piece(read));
    }
    return failure("unknown_snapshot", "this snapshot was given up, or never was: open it again");
  }

  peer::Answer answer(raft::NodeId from, const Close& close) {
    drop_if([&](Outgoing& one) {
      return one.id() == close.snapshot && one.readers.erase(from) > 0 && one.readers.empty();
    });
    return success({});
  }

  peer::Answer answer(const Job& job) {
    if (clock.steady_micros() > job.deadline_micros) return failure("timed_out", "it waited for too long");
    try {
      return std::visit([&](const auto& request) { return answer(job.from, request); },
                        decode_request(job.body.view));
    } catch (const peer::BadFrame& error) {
      return failure("bad_request", error.what());
    } catch (const std::exception& error) {
      env::log_error(
          "snapshot.failed",
          fmt::format("node {} can't be given a part of the state: {}", job.from.value, error.what()),
          {{"node", job.from.value}, {"error", error.what()}});
      return failure("failed", error.what());
    }
  }

  // False: there is nothing to hash.
  bool hash_some() {
    for (Outgoing& one : snapshots) {
      if (one.is_ready()) continue;
      try {
        one.hash_some(kHashBytes);
      } catch (const std::exception& error) {
        env::log_error("snapshot.failed",
                       fmt::format("the state can't be read for another node: {}", error.what()),
                       {{"error", error.what()}});
        drop_if([&](const Outgoing& broken) { return &broken == &one; });
      }
      return true;
    }
    return false;
  }

  std::optional<Job> take(bool may_wait) {
    std::unique_lock lock(mutex);
    const auto delay = std::chrono::microseconds(rate.wait_micros(clock.steady_micros()));
    if (may_wait && delay.count() > 0)
      changed.wait_for(lock, std::min<std::chrono::microseconds>(delay, kLookAround),
                       [&] { return stopping; });
    else if (may_wait)
      changed.wait_for(lock, kLookAround, [&] { return stopping || !waiting.empty(); });
    if (stopping || waiting.empty() || rate.wait_micros(clock.steady_micros()) > 0) return std::nullopt;
    Job job = std::move(waiting.front());
    waiting.pop_front();
    return job;
  }

  bool is_stopping() const {
    std::lock_guard lock(mutex);
    return stopping;
  }

  void run() {
    pthread_setname_np(pthread_self(), "lode-source");
    while (!is_stopping()) {
      look_around();
      const bool hashing = hash_some();
      if (const auto job = take(!hashing)) {
        look_around();  // time went by while it waited
        job->done(answer(*job));
      }
    }
    snapshots.clear();
    publish_held();
  }
};

Source::Source(SourceSettings settings, Make make, const env::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(make), clock)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Source::~Source() { stop(); }

void Source::handle(raft::NodeId from, uint32_t timeout_ms, peer::Bytes body, const peer::Done& done) {
  std::optional<peer::Answer> refused;
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->stopping)
      refused = failure("stopping", "this node is stopping");
    else if (impl_->waiting.size() >= kMaxWaiting)
      refused = failure("busy", "too many requests wait");
    else
      impl_->waiting.push_back(
          {from, impl_->clock.steady_micros() + int64_t{timeout_ms} * 1000, std::move(body), done});
  }
  if (refused) return done(std::move(*refused));
  impl_->changed.notify_one();
}

peer::Handler Source::handler() {
  return [this](peer::Request request, peer::Responder responder) {
    handle(request.from, request.timeout_ms, std::move(request.body), [responder](peer::Answer answer) {
      if (answer.outcome == peer::Outcome::ok) return responder.ok(std::move(answer.body));
      responder.fail(std::move(answer.code), std::move(answer.detail));
    });
  };
}

std::optional<record::EntryIndex> Source::held_entry() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->held;
}

void Source::stop() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->changed.notify_one();
  if (impl_->thread.joinable()) impl_->thread.join();
  std::deque<Job> unanswered;
  unanswered.swap(impl_->waiting);  // nobody adds to it any more
  for (const Job& job : unanswered) job.done(failure("stopping", "this node is stopping"));
}

}  // namespace lode::snapshot
