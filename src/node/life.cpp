#include "node/life.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "env/log.h"

namespace lode::node {

namespace {

constexpr int kWake = SIGUSR1;  // to the thread itself, that it ends

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, kWake}) sigaddset(&set, signal);
  return set;
}

timespec timespec_of(std::chrono::nanoseconds time) {
  const auto nanos = std::max<int64_t>(0, time.count());
  return {static_cast<time_t>(nanos / 1'000'000'000), static_cast<long>(nanos % 1'000'000'000)};
}

const char* name_of(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

}  // namespace

void Life::block_signals() {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Life::Life(std::function<void(const char*)> on_end, std::chrono::milliseconds end_within)
    : on_end_(std::move(on_end)), end_within_(end_within) {
  thread_ = std::thread([this] { run(); });
}

Life::~Life() {
  {
    std::lock_guard lock(mutex_);
    over_ = true;
  }
  pthread_kill(thread_.native_handle(), kWake);
  thread_.join();
}

void Life::tell(Order order) {
  {
    std::lock_guard lock(mutex_);
    orders_.push_back(order);
  }
  told_.notify_all();
}

Life::Order Life::wait() {
  std::unique_lock lock(mutex_);
  told_.wait(lock, [this] { return ending_ || !orders_.empty(); });
  if (ending_) return Order::end;
  const Order order = orders_.front();
  orders_.pop_front();
  return order;
}

std::chrono::milliseconds Life::ending_for() const {
  std::lock_guard lock(mutex_);
  if (!ending_) return std::chrono::milliseconds{0};
  return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - ending_since_);
}

void Life::run() {
  pthread_setname_np(pthread_self(), "lode-signals");
  const sigset_t set = signals();
  for (;;) {
    std::unique_lock lock(mutex_);
    if (over_) return;
    const auto left = ending_ ? ending_since_ + end_within_ - Steady::now() : std::chrono::hours{1};
    lock.unlock();
    if (left <= std::chrono::nanoseconds{0})
      end_now("not everything was closed in time, and the next start replays what was not written");
    const timespec time = timespec_of(left);
    const int signal = sigtimedwait(&set, nullptr, &time);
    if (signal == SIGHUP) tell(Order::reload);
    if (signal == SIGTERM || signal == SIGINT) begin_end(signal);
  }
}

void Life::begin_end(int signal) {
  {
    std::lock_guard lock(mutex_);
    if (!ending_) ending_since_ = Steady::now();
    if (std::exchange(ending_, true)) signal = 0;
  }
  if (signal == 0) end_now("told so again, and the next start replays what was not written");
  told_.notify_all();
  on_end_(name_of(signal));
}

void Life::end_now(const char* why) const {
  env::log_warning("node.stopped_early",
                   fmt::format("stopped early after {} ms: {}", ending_for().count(), why),
                   {{"took_ms", ending_for().count()}, {"why", why}});
  std::_Exit(0);
}

}  // namespace lode::node
