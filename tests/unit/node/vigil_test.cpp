// What the service manager hears of a process that starts, serves, and gets stuck.
#include "node/vigil.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "env/log.h"
#include "unit/env/notify_listener.h"

namespace lode::node {
namespace {

TEST(Pulse, WhatHasWorkMustMove) {
  Pulse pulse(std::chrono::seconds(1));
  EXPECT_TRUE(pulse.goes_on(7, true, 5'000'000));
  EXPECT_TRUE(pulse.goes_on(7, true, 6'000'000));
  EXPECT_FALSE(pulse.goes_on(7, true, 6'000'001));
  EXPECT_EQ(pulse.stands_for(6'000'001), std::chrono::microseconds(1'000'001));
  EXPECT_TRUE(pulse.goes_on(8, true, 6'000'002));
  EXPECT_TRUE(pulse.goes_on(8, false, 60'000'000));  // nothing to do: stands for as long as it likes
  EXPECT_TRUE(pulse.goes_on(8, true, 61'000'000));
}

// A subject whose answers the test chooses. Any thread.
struct Node {
  std::atomic<bool> ready = false, waits = false, answers = true, has_more = false;
  std::atomic<uint64_t> applied = 1, looks = 0;

  Vigil::Subject subject() {
    return {.not_ready = [this] { return ready ? "" : "replaying the log: entry 1 of 2"; },
            .waits_for_others = [this] { return waits.load(); },
            .at_work = [] { return "serving"; },
            .apply =
                [this] {
                  ++looks;
                  return Vigil::Subject::Work{applied, has_more};
                },
            .loops_answer =
                [this](std::chrono::milliseconds) {
                  ++looks;
                  return answers.load();
                }};
  }
};

class Watched : public testing::Test {
 protected:
  ~Watched() override { env::set_log_sink(nullptr); }

  // The next message that has `text`; what comes before is let go.
  void expect(const std::string& text) {
    for (int i = 0; i < 10'000; ++i)
      if (listener.wait().find(text) != std::string::npos) return;
    FAIL() << text;
  }
  void wait_for_log(const std::string& event) {
    for (;;) {
      const std::string seen = log.load();
      if (seen == event) return;
      log.wait(seen.c_str());
    }
  }
  void drain() {
    while (!listener.next().empty()) continue;
  }

  struct Last {
    std::mutex mutex;
    std::condition_variable told;
    std::string event;
    std::string load() {
      std::lock_guard lock(mutex);
      return event;
    }
    void store(std::string_view name) {
      std::lock_guard lock(mutex);
      event = name;
      told.notify_all();
    }
    void wait(const char* old) {
      std::unique_lock lock(mutex);
      told.wait(lock, [&] { return event != old; });
    }
  };

  env::NotifyListener listener{"@lode-vigil-" + std::to_string(getpid())};
  env::ServiceManager manager{listener.name(), std::chrono::milliseconds(400)};
  env::SystemClock clock;
  Last log;
  Node node;
};

TEST_F(Watched, AStartIsExtendedWhileItComesFurtherAndReadyOnce) {
  Vigil vigil(manager, clock);
  expect("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=opening the data folder");
  const Vigil::Watching watching(vigil, node.subject());
  expect("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=replaying the log: entry 1 of 2");
  node.ready = true;
  expect("READY=1\nSTATUS=serving");
  vigil.begin_reload();
  expect("RELOADING=1\nMONOTONIC_USEC=");
  vigil.end_reload("taken over: log.level");
  expect("READY=1\nSTATUS=taken over: log.level");
  vigil.stopping("stopping: SIGTERM");
  expect("STOPPING=1\nSTATUS=stopping: SIGTERM");
}

TEST_F(Watched, WhoWaitsForOthersHasStarted) {
  Vigil vigil(manager, clock);
  const Vigil::Watching watching(vigil, node.subject());
  node.waits = true;
  expect("READY=1\nSTATUS=replaying the log: entry 1 of 2");
}

// In each of the two ways to hang, and out of it again.
TEST_F(Watched, WhatHangsIsNotAlive) {
  env::set_log_sink([this](const env::LogLine& line) { log.store(line.event); });
  Vigil vigil(manager, clock);
  node.ready = true;
  const Vigil::Watching watching(vigil, node.subject());
  expect("WATCHDOG=1");
  for (std::atomic<bool>* hangs : {&node.has_more, &node.answers}) {
    *hangs = hangs == &node.has_more;
    wait_for_log("node.stuck");
    drain();
    const uint64_t before = node.looks;
    while (node.looks < before + 3) std::this_thread::yield();
    for (std::string message = listener.next(); !message.empty(); message = listener.next())
      EXPECT_EQ(message.find("WATCHDOG=1"), std::string::npos) << message;
    *hangs = hangs != &node.has_more;
    wait_for_log("node.goes_on");
    expect("WATCHDOG=1");
  }
}

}  // namespace
}  // namespace lode::node
