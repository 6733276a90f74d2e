// What this process is to do next: as signals, operators' requests and the engine itself say. SIGTERM and
// SIGINT end it, SIGHUP has it read its configuration again.
//
// An end takes kEndWithin at most, whatever hangs: what is acknowledged is in the log by then, so the process
// may go at any moment. A second SIGTERM or SIGINT does not wait for that moment.
//
// Threads: one of its own takes the signals, from the constructor on, so that an end is heard and bounded
// while the main thread opens a large folder; calls from any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace lode::node {

class Life {
 public:
  enum class Order : uint8_t {
    end,     // of the process
    again,   // the engine is made anew, in this process
    alone,   // likewise, as its group's only member
    failed,  // recovery did not succeed
    reload,  // the configuration is read again
  };
  static constexpr std::chrono::milliseconds kEndWithin{4500};

  // In this thread and in those made from now on: before any other thread is made.
  static void block_signals();
  // Then. `on_end` is called on the thread of this, with the signal's name, when the first order to end
  // comes.
  explicit Life(std::function<void(const char* signal)> on_end,
                std::chrono::milliseconds end_within = kEndWithin);
  ~Life();
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  void tell(Order order);
  // The next order. Once there is one to end, that.
  Order wait();
  // How long ago the order to end came.
  std::chrono::milliseconds ending_for() const;

 private:
  using Steady = std::chrono::steady_clock;
  void run();
  void begin_end(int signal);
  [[noreturn]] void end_now(const char* why) const;

  const std::function<void(const char* signal)> on_end_;
  const std::chrono::milliseconds end_within_;
  mutable std::mutex mutex_;
  std::condition_variable told_;
  std::deque<Order> orders_;
  bool ending_ = false;
  Steady::time_point ending_since_;
  bool over_ = false;  // the thread ends
  std::thread thread_;
};

}  // namespace lode::node
