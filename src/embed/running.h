// An engine that runs: what an Engine and its subscriptions share. Any thread, unless said otherwise.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "env/clock.h"
#include "event/json.h"
#include "lode/engine.h"
#include "node/engine.h"

namespace lode::embed {

class Running {
 public:
  // Opens and recovers. Throws OpenFailed.
  Running(const std::string& folder, const Options& options);
  ~Running();

  // Any thread, more than once. Calls that are under way end first.
  void close();

  // A call into the engine: while one lives the engine does. Throws std::logic_error once it is closed.
  class Call {
   public:
    explicit Call(Running& of);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    node::Engine* operator->() const { return of_.engine_.get(); }

   private:
    Running& of_;
  };

  // One of them per call, given back by its end.
  std::unique_ptr<event::JsonDecoder> take_decoder();
  void give_back(std::unique_ptr<event::JsonDecoder> decoder);

  // `stop` is called once, at close(), unless it was taken back before.
  uint64_t on_close(std::function<void()> stop);
  void forget(uint64_t stop);

 private:
  void open(const node::Config& config);

  env::SystemClock clock_;
  event::Limits limits_;
  std::unique_ptr<node::Engine> engine_;

  std::mutex mutex_;  // guards everything below
  std::condition_variable idle_;
  bool closed_ = false;
  uint32_t calls_ = 0;
  std::vector<std::unique_ptr<event::JsonDecoder>> decoders_;
  uint64_t next_stop_ = 1;
  std::vector<std::pair<uint64_t, std::function<void()>>> stops_;
};

}  // namespace lode::embed
