// An exchange without a session: what a route answers is kept. Its loop runs on a thread of its own.
#pragma once

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "wire/exchange.h"

namespace lode::wire {

class RunningLoop {
 public:
  RunningLoop() : loop_(std::make_shared<Loop>(event::Limits{})), thread_([this] { loop_->run(); }) {}
  ~RunningLoop() {
    loop_->finish();
    thread_.join();
  }
  RunningLoop(const RunningLoop&) = delete;
  RunningLoop& operator=(const RunningLoop&) = delete;
  const std::shared_ptr<Loop>& get() const { return loop_; }
  // Runs `task` on the loop and waits for it.
  void run(const std::function<void()>& task) {
    std::promise<void> done;
    loop_->post([&] {
      task();
      done.set_value();
    });
    done.get_future().get();
  }

 private:
  std::shared_ptr<Loop> loop_;
  std::thread thread_;
};

class FakeExchange final : public Exchange {
 public:
  FakeExchange(std::shared_ptr<Loop> loop, Request asked)
      : loop_(std::move(loop)), request_(std::move(asked)) {}

  Request& request() override { return request_; }
  const std::shared_ptr<Loop>& loop() override { return loop_; }
  bool take_room(uint64_t) override { return true; }
  std::shared_ptr<const std::atomic<bool>> watch_client() override {
    return std::make_shared<std::atomic<bool>>(false);
  }
  void respond(Response response) override { answer_.set_value(std::move(response)); }
  std::shared_ptr<Stream> respond_stream(Response) override {
    throw std::logic_error("no stream was expected");
  }
  std::future<Response> answer() { return answer_.get_future(); }

 private:
  const std::shared_ptr<Loop> loop_;
  Request request_;
  std::promise<Response> answer_;
};

}  // namespace lode::wire
