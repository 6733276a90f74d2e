// One io thread: the loop that its sockets live on, timers, and a mailbox for what other threads hand over. A
// session belongs to one loop for life, so its state needs no lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "event/json.h"

namespace boost::asio {
class io_context;
}

namespace lode::wire {

class Loop {
 public:
  explicit Loop(const event::Limits& limits);
  ~Loop();

  // Runs on the calling thread until finish() was called and nothing is left to do.
  void run();
  // Any thread: lets run() end once its sockets are closed. What is posted later is dropped.
  void finish();

  // Any thread. Runs `task` on the loop; many tasks share one wake-up. Dropped after the loop's end.
  void post(std::function<void()> task);

  // Loop thread only. Calls `task` once after `delay`; the id takes it back.
  uint64_t call_after(std::chrono::milliseconds delay, std::function<void()> task);
  void cancel(uint64_t timer);
  // As call_after(), for one who waits for something else in the first place: called at once when the server
  // stops. cancel() takes it back, too.
  uint64_t wait(std::chrono::milliseconds most, std::function<void()> task);
  void end_waits();  // those of now, and later ones as soon as they begin

  // Loop thread only. What events may be, and the decoder that holds them to it; between two of its uses
  // others can take their place.
  const event::Limits& limits() const;
  void set_limits(const event::Limits& limits);
  event::JsonDecoder& json();
  boost::asio::io_context& context();
  bool in_loop() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::wire
