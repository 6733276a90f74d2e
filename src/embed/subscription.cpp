// Subscription: a thread that reads the log page by page, and waits for apply in between.
#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "embed/answers.h"
#include "embed/running.h"
#include "lode/engine.h"
#include "query/log_query.h"

namespace lode {

namespace {

// Wakes the thread that waits for the next record, or for its end.
struct Bell {
  std::mutex mutex;
  std::condition_variable rung;
  bool stopping = false;  // guarded by mutex
  bool new_one = false;   // likewise

  void ring(bool stop) {
    std::lock_guard lock(mutex);
    (stop ? stopping : new_one) = true;
    rung.notify_all();
  }
};

}  // namespace

struct Subscription::Impl {
  Impl(std::shared_ptr<embed::Running> engine, uint64_t from, std::function<void(const Record&)> call,
       SubscribeOptions options)
      : running(std::move(engine)),
        next(from),
        deliver(std::move(call)),
        how(std::move(options)),
        bell(std::make_shared<Bell>()) {}

  void start();
  void run();
  // One page; false: the subscription ends.
  bool read();
  // False: it was stopped.
  bool wait_for_more();
  bool is_stopping();

  const std::shared_ptr<embed::Running> running;
  uint64_t next;
  const std::function<void(const Record&)> deliver;
  const SubscribeOptions how;
  const std::shared_ptr<Bell> bell;
  uint64_t stop_id = 0;
  std::thread thread;
};

void Subscription::Impl::start() {
  stop_id = running->on_close([bell = bell] { bell->ring(true); });
  thread = std::thread([this] {
    pthread_setname_np(pthread_self(), "lode-follow");
    run();
  });
}

void Subscription::Impl::run() {
  try {
    while (wait_for_more())
      if (!read()) return;
  } catch (const std::logic_error&) {  // the engine was closed
  } catch (const std::exception& error) {
    if (how.on_end) how.on_end(embed::refusal_of(500, {"internal", "", error.what()}));
  }
}

bool Subscription::Impl::is_stopping() {
  std::lock_guard lock(bell->mutex);
  return bell->stopping;
}

bool Subscription::Impl::wait_for_more() {
  std::unique_lock lock(bell->mutex);
  if (bell->stopping) return false;
  bell->new_one = false;
  lock.unlock();
  uint64_t ticket = 0;
  {
    embed::Running::Call engine(*running);
    ticket = engine->applied().wait(static_cast<int64_t>(next), [bell = bell] { bell->ring(false); });
  }
  if (ticket == 0) return !is_stopping();
  lock.lock();
  bell->rung.wait(lock, [this] { return bell->stopping || bell->new_one; });
  if (!bell->stopping) return true;
  lock.unlock();
  embed::Running::Call(*running)->applied().cancel(ticket);
  return false;
}

bool Subscription::Impl::read() {
  query::Parameters parameters{{"from", std::to_string(next)}};
  if (how.include_contact) parameters.emplace_back("include", "contact");
  query::Answer<query::Result> answer;
  {
    embed::Running::Call engine(*running);
    answer = query::query_log(engine->sources()->log, parameters);
  }
  if (auto* failure = std::get_if<query::Failure>(&answer)) {
    if (how.on_end) how.on_end(embed::refusal_of(failure->status, failure->problem));
    return false;
  }
  for (const auto& row : std::get<query::Result>(answer).rows) {
    if (is_stopping()) return false;
    if (const query::Gap* gap = query::gap_of(row)) {
      next = gap->to + 1;
      if (how.on_gap) how.on_gap({gap->from, gap->to});
      continue;
    }
    const Record record = embed::record_of(row);
    next = record.offset + 1;
    deliver(record);
  }
  return true;
}

Subscription::Subscription(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Subscription::Subscription(Subscription&&) noexcept = default;

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  const Subscription ended(std::move(*this));
  impl_ = std::move(other.impl_);
  return *this;
}

Subscription::~Subscription() {
  if (!impl_) return;
  impl_->bell->ring(true);
  impl_->thread.join();
  impl_->running->forget(impl_->stop_id);
}

Subscription Engine::subscribe(std::uint64_t from, std::function<void(const Record&)> deliver,
                               SubscribeOptions options) const {
  running();  // of an engine that was moved from there is none
  auto made = std::make_unique<Subscription::Impl>(running_, from, std::move(deliver), std::move(options));
  made->start();
  return Subscription(std::move(made));
}

}  // namespace lode
