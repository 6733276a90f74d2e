// What the service manager is told, read from a real socket of its kind.
#include "env/service_manager.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "unit/env/notify_listener.h"

namespace lode::env {
namespace {

std::string path_of_test() {
  return (std::filesystem::temp_directory_path() / ("lode-notify-" + std::to_string(getpid()))).string();
}

TEST(ServiceManager, IsToldOneDatagramAMessage) {
  for (const std::string& name : {path_of_test(), "@lode-notify-" + std::to_string(getpid())}) {
    NotifyListener listener(name);
    ServiceManager manager(name, std::nullopt);
    ASSERT_TRUE(manager.is_there());
    manager.extend(std::chrono::seconds(60), "replaying the log: entry 1 of 2");
    EXPECT_EQ(listener.next(), "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=replaying the log: entry 1 of 2");
    manager.ready("serving\nWATCHDOG=1");  // a line break would begin another assignment
    EXPECT_EQ(listener.next(), "READY=1\nSTATUS=serving WATCHDOG=1");
    manager.alive();
    EXPECT_EQ(listener.next(), "WATCHDOG=1");
    manager.reloading();
    EXPECT_TRUE(listener.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    manager.stopping("stopping: SIGTERM");
    EXPECT_EQ(listener.next(), "STOPPING=1\nSTATUS=stopping: SIGTERM");
    EXPECT_EQ(listener.next(), "");
  }
}

TEST(ServiceManager, NobodyIsToldNothing) {
  for (const std::string& name : {std::string(), std::string("/nowhere/at/all"), std::string(200, 'x')}) {
    ServiceManager manager(name, std::nullopt);
    EXPECT_FALSE(manager.is_there());
    manager.ready("serving");
  }
}

TEST(ServiceManager, TheWatchdogIsTheOneOfThisProcess) {
  setenv("WATCHDOG_USEC", "3000000", 1);
  EXPECT_EQ(ServiceManager::of_environment().watchdog(), std::chrono::seconds(3));
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(ServiceManager::of_environment().watchdog(), std::chrono::seconds(3));
  setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager::of_environment().watchdog(), std::nullopt);
  unsetenv("WATCHDOG_PID");
  for (const char* wrong : {"", "soon", "0", "3s"}) {
    setenv("WATCHDOG_USEC", wrong, 1);
    EXPECT_EQ(ServiceManager::of_environment().watchdog(), std::nullopt) << wrong;
  }
  unsetenv("WATCHDOG_USEC");
}

}  // namespace
}  // namespace lode::env
