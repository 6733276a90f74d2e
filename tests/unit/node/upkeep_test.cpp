// What a node does by itself: at its times, one after the other, once for what was missed.
#include "node/upkeep.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "conformance/store_folder.h"
#include "log/memory_log.h"

namespace lode::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
constexpr int64_t kMinute = 60'000'000, kNoon = 1'767'268'800'000'000;  // 2026-01-01T12:00:00Z

class UpkeepTest : public testing::Test {
 protected:
  UpkeepTest() {
    for (const std::string kind : {"compact-log", "compact-state", "backup"}) {
      tasks.add({kind,
                 [this, kind](std::string_view) -> std::optional<admin::Refusal> {
                   if (refused != kind) return std::nullopt;
                   return admin::Refusal{409, {"not_leader", "", "Node 2 leads."}};
                 },
                 [this, kind](std::string_view parameters, std::string_view, admin::TaskControl& control) {
                   if (++running > 1) ADD_FAILURE() << "two at once";
                   while (held && !control.cancelled()) std::this_thread::yield();
                   const std::lock_guard lock(mutex);
                   ran.push_back(kind + " " + std::string(parameters));
                   --running;
                   return std::string("{}");
                 }});
    }
    tasks.begin();
    config.compact_schedule = "0 * * * *";
    config.compact_state = true;
    config.compact_older_than_seconds = 60;
    config.backup_schedule = "0 * * * *";
    config.backup_dir = "/backups";
    config.backup_keep = 3;
    open();
  }
  ~UpkeepTest() override { held = false; }
  void open() {
    upkeep = std::make_unique<Upkeep>(upkeep_jobs(config, log, clock), tasks, compactions, log, clock);
  }
  // So many looks, a second apart; what was begun ends in between, unless it is held.
  void look(int times) {
    for (; times > 0; --times) {
      upkeep->look();
      if (held) continue;
      for (const admin::Task& task : tasks.list()) ASSERT_TRUE(tasks.wait(task.id, 10'000));
    }
  }
  std::vector<std::string> taken() {
    const std::lock_guard lock(mutex);
    return std::exchange(ran, {});
  }

  test::TemporaryFolder home;
  env::ManualClock clock{kNoon + kMinute};
  log::MemoryLog log;
  materialize::Compactions compactions{log};
  admin::Tasks tasks{home.path() / "tasks", clock};
  Config config;
  std::unique_ptr<Upkeep> upkeep;
  std::string refused;
  std::atomic<bool> held = false;
  std::atomic<int> running = 0;
  std::mutex mutex;
  std::vector<std::string> ran;
};

TEST_F(UpkeepTest, DoesOneAfterTheOtherWhenTheyAreDue) {
  look(3);
  EXPECT_THAT(taken(), ElementsAre());
  clock.advance_micros(59 * kMinute);
  held = true;
  look(1);
  while (running == 0) std::this_thread::yield();  // its thread begins
  look(5);
  EXPECT_EQ(running, 1);
  EXPECT_EQ(tasks.list().size(), 1u);
  held = false;
  look(5);
  EXPECT_THAT(taken(), ElementsAre(R"(compact-log {"before":"2026-01-01T12:59:00Z"})", "compact-state {}",
                                   R"(backup {"dir":"/backups","keep":3})"));
  look(5);
  EXPECT_THAT(taken(), ElementsAre());
  const auto views = upkeep->view();
  ASSERT_EQ(views.size(), 2u);
  EXPECT_EQ(views[0].name, "compact");
  EXPECT_EQ(views[0].next_micros, kNoon + 120 * kMinute);
  EXPECT_THAT(views[0].last_task, HasSubstr("compact-state-"));
  EXPECT_THAT(schedules_json(*upkeep, tasks),
              HasSubstr(R"("next_run":"2026-01-01T14:00:00Z","last_run":{"id":)"));
}

TEST_F(UpkeepTest, WhatWasMissedWhileItWasDownIsMadeUpOnce) {
  upkeep->start();
  upkeep->stop();
  upkeep = nullptr;
  clock.advance_micros(10 * 60 * kMinute);
  open();
  look(8);
  EXPECT_EQ(taken().size(), 3u);
  upkeep = nullptr;
  open();
  look(8);
  EXPECT_THAT(taken(), ElementsAre());
}

TEST_F(UpkeepTest, WhatIsRefusedIsSaidAndTheNextOneIsDone) {
  refused = "compact-log";
  clock.advance_micros(59 * kMinute);
  look(6);
  EXPECT_THAT(taken(), ElementsAre("compact-state {}", R"(backup {"dir":"/backups","keep":3})"));
}

TEST_F(UpkeepTest, WhatTheLogSaysIsCompactedIsCarriedOut) {
  compactions.add({7});
  look(2);
  EXPECT_THAT(taken(), ElementsAre(R"(compact-log {"decided":true})"));
  look(3);
  EXPECT_THAT(taken(), ElementsAre()) << "what is held back is looked after again in a while";
  clock.advance_micros(2 * kMinute);
  compactions.mark_done({{7}});
  look(3);
  EXPECT_THAT(taken(), ElementsAre());
}

}  // namespace
}  // namespace lode::node
