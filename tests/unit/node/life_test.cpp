// Orders and ends, each in a process of its own: they end it.
#include "node/life.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "node/log_output.h"

namespace lode::node {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ExitedWithCode;

[[noreturn]] void hang() {
  for (;;) pause();
}

class LifeDeathTest : public testing::Test {
 protected:
  LifeDeathTest() { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }

  static void begin() {
    Life::block_signals();
    set_log_output(LogForm::logfmt, env::LogLevel::info);
  }
};

TEST_F(LifeDeathTest, AnEndThatHangsIsOverInTime) {
  EXPECT_EXIT(
      {
        begin();
        const Life life([](const char*) {}, milliseconds{50});
        kill(getpid(), SIGTERM);
        hang();
      },
      ExitedWithCode(0), "level=warn event=node.stopped_early took_ms=[0-9]+ why=\"not everything");
}

TEST_F(LifeDeathTest, ASecondSignalDoesNotWait) {
  EXPECT_EXIT(
      {
        begin();
        Life life([](const char*) {}, hours{1});
        kill(getpid(), SIGTERM);
        if (life.wait() != Life::Order::end) std::_Exit(1);
        kill(getpid(), SIGINT);
        hang();
      },
      ExitedWithCode(0), "told so again");
}

TEST_F(LifeDeathTest, OrdersComeInTurnAndAnEndStays) {
  EXPECT_EXIT(
      {
        begin();
        Life life([](const char*) {}, hours{1});
        kill(getpid(), SIGHUP);
        if (life.wait() != Life::Order::reload) std::_Exit(1);
        life.tell(Life::Order::again);
        life.tell(Life::Order::alone);
        if (life.wait() != Life::Order::again || life.wait() != Life::Order::alone) std::_Exit(2);
        if (life.ending_for() != milliseconds{0}) std::_Exit(3);
        kill(getpid(), SIGTERM);
        if (life.wait() != Life::Order::end || life.wait() != Life::Order::end) std::_Exit(4);
        std::_Exit(7);
      },
      ExitedWithCode(7), "");
}

}  // namespace
}  // namespace lode::node
