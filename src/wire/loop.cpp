#include "wire/loop.h"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace lode::wire {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;

struct Loop::Impl {
  explicit Impl(const event::Limits& limits) : timer(context), json(limits) {}

  void deliver();
  void arm();
  void fire();

  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::steady_timer timer;
  SteadyTime armed_for = SteadyTime::max();
  std::multimap<SteadyTime, std::pair<uint64_t, std::function<void()>>> timers;
  std::unordered_map<uint64_t, SteadyTime> due_of;
  std::unordered_set<uint64_t> waits;  // ids of timers that a stop ends
  bool waits_ended = false;
  uint64_t next_timer = 1;
  event::JsonDecoder json;
  std::atomic<std::thread::id> thread;

  std::mutex mutex;
  std::vector<std::function<void()>> mail;  // guarded by mutex
  bool closed = false;                      // guarded by mutex
  std::vector<std::function<void()>> delivered;
};

Loop::Loop(const event::Limits& limits) : impl_(std::make_unique<Impl>(limits)) {}
Loop::~Loop() = default;

void Loop::run() {
  impl_->thread = std::this_thread::get_id();
  impl_->context.run();
  std::vector<std::function<void()>> left;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->closed = true;
    left.swap(impl_->mail);
  }
}

void Loop::finish() {
  post([this] {
    impl_->timers.clear();
    impl_->due_of.clear();
    impl_->waits.clear();
    impl_->timer.cancel();
    impl_->work.reset();
  });
}

void Loop::post(std::function<void()> task) {
  bool wake = false;
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->closed) return;
    wake = impl_->mail.empty();
    impl_->mail.push_back(std::move(task));
  }
  if (wake) asio::post(impl_->context, [impl = impl_.get()] { impl->deliver(); });
}

void Loop::Impl::deliver() {
  {
    std::lock_guard lock(mutex);
    delivered.swap(mail);
  }
  for (auto& task : delivered) task();
  delivered.clear();
}

uint64_t Loop::call_after(std::chrono::milliseconds delay, std::function<void()> task) {
  SteadyTime due = std::chrono::steady_clock::now() + delay;
  uint64_t id = impl_->next_timer++;
  impl_->timers.emplace(due, std::pair(id, std::move(task)));
  impl_->due_of.emplace(id, due);
  impl_->arm();
  return id;
}

void Loop::cancel(uint64_t timer) {
  auto found = impl_->due_of.find(timer);
  if (found == impl_->due_of.end()) return;
  auto [from, to] = impl_->timers.equal_range(found->second);
  for (; from != to; ++from) {
    if (from->second.first != timer) continue;
    impl_->timers.erase(from);
    break;
  }
  impl_->due_of.erase(found);
  impl_->waits.erase(timer);
}

uint64_t Loop::wait(std::chrono::milliseconds most, std::function<void()> task) {
  const uint64_t id = call_after(impl_->waits_ended ? std::chrono::milliseconds{0} : most, std::move(task));
  impl_->waits.insert(id);
  return id;
}

void Loop::end_waits() {
  impl_->waits_ended = true;
  std::vector<std::function<void()>> ended;
  for (auto at = impl_->timers.begin(); at != impl_->timers.end();) {
    const uint64_t id = at->second.first;
    if (impl_->waits.erase(id) == 0) {
      ++at;
      continue;
    }
    ended.push_back(std::move(at->second.second));
    impl_->due_of.erase(id);
    at = impl_->timers.erase(at);
  }
  for (auto& task : ended) task();
}

void Loop::Impl::arm() {
  if (timers.empty() || timers.begin()->first >= armed_for) return;
  armed_for = timers.begin()->first;
  timer.expires_at(armed_for);
  timer.async_wait([this](boost::system::error_code error) {
    if (!error) fire();
  });
}

void Loop::Impl::fire() {
  armed_for = SteadyTime::max();
  SteadyTime now = std::chrono::steady_clock::now();
  while (!timers.empty() && timers.begin()->first <= now) {
    auto [id, task] = std::move(timers.begin()->second);
    timers.erase(timers.begin());
    due_of.erase(id);
    waits.erase(id);
    task();
  }
  arm();
}

const event::Limits& Loop::limits() const { return impl_->json.limits(); }
void Loop::set_limits(const event::Limits& limits) { impl_->json = event::JsonDecoder(limits); }
event::JsonDecoder& Loop::json() { return impl_->json; }
boost::asio::io_context& Loop::context() { return impl_->context; }
bool Loop::in_loop() const { return impl_->thread.load() == std::this_thread::get_id(); }

}  // namespace lode::wire
