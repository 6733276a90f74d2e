// Tasks: one of a kind, how they end, and that they go on after a kill with what they remembered.
#include "admin/tasks.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <atomic>
#include <future>
#include <thread>

#include "conformance/store_folder.h"

namespace lode::admin {
namespace {

using test::TemporaryFolder;

class TasksTest : public testing::Test {
 protected:
  std::unique_ptr<Tasks> open() {
    auto tasks = std::make_unique<Tasks>(folder(), clock);
    tasks->add(
        {"quick", nullptr, [](auto parameters, auto, TaskControl&) { return std::string(parameters); }});
    tasks->add({"failing", nullptr, [](auto, auto, TaskControl&) -> std::string {
                  throw std::runtime_error("the \"disk\" is gone");
                }});
    tasks->add(
        {"long", nullptr, [this](auto, auto memo, TaskControl& control) { return run(memo, control); }});
    return tasks;
  }
  std::filesystem::path folder() const { return home.path() / "tasks"; }

  // Goes from what is remembered towards 10, by one each time that the test lets it.
  std::string run(std::string_view memo, TaskControl& control) {
    begun_with = std::string(memo);
    uint64_t at = memo.empty() ? 0 : std::stoull(std::string(memo.substr(memo.find(':') + 1)));
    while (at < 10) {
      while (steps == 0 && !control.cancelled()) std::this_thread::yield();
      if (control.cancelled()) {
        stopped_by_stop = control.stopping();
        return "";
      }
      --steps;
      control.progress({"counting", ++at, 10, "steps"});
      control.remember("{\"at\":" + std::to_string(at) + "}");
      ++taken;
    }
    return R"({"at":10})";
  }
  void step(uint32_t times) {
    const uint32_t until = taken + times;
    steps += times;
    while (taken < until) std::this_thread::yield();
  }
  static Task started(Tasks& tasks, const std::string& kind, std::string_view parameters = "") {
    auto answer = tasks.start(kind, parameters);
    EXPECT_TRUE(std::holds_alternative<Task>(answer)) << std::get<Refusal>(answer).problem.detail;
    return std::get<Task>(answer);
  }
  static std::string code(const std::variant<Task, Refusal>& answer) {
    return std::holds_alternative<Refusal>(answer) ? std::get<Refusal>(answer).problem.code : "";
  }
  static Task ended(Tasks& tasks, const std::string& id) {
    EXPECT_TRUE(tasks.wait(id, 10'000));
    return *tasks.find(id);
  }

  TemporaryFolder home;
  env::ManualClock clock{1'300'000'000'000'000};
  std::atomic<uint32_t> steps = 0, taken = 0;
  std::atomic<bool> stopped_by_stop = false;
  std::string begun_with;
};

TEST_F(TasksTest, OneThatIsDoneKeepsItsResult) {
  auto tasks = open();
  EXPECT_EQ(code(tasks->start("quick", "{}")), "not_ready");
  tasks->begin();
  const Task task = started(*tasks, "quick", R"({"a":1})");
  EXPECT_EQ(task.id, "quick-1");
  const Task done = ended(*tasks, task.id);
  EXPECT_EQ(done.state, TaskState::done);
  EXPECT_EQ(done.result, R"({"a":1})");
  tasks = nullptr;
  tasks = open();
  ASSERT_TRUE(tasks->find("quick-1"));
  EXPECT_EQ(tasks->find("quick-1")->result, R"({"a":1})");
  EXPECT_EQ(tasks->find("quick-1")->started_micros, clock.now_micros());
}

TEST_F(TasksTest, WhatAFunctionThrowsIsItsError) {
  auto tasks = open();
  tasks->begin();
  const Task task = ended(*tasks, started(*tasks, "failing").id);
  EXPECT_EQ(task.state, TaskState::failed);
  EXPECT_EQ(task.error, "the \"disk\" is gone");
  simdjson::dom::parser parser;
  EXPECT_EQ(std::string_view(parser.parse(simdjson::padded_string(json_of(task)))["error"]), task.error);
}

TEST_F(TasksTest, ThereIsOneOfAKindAtATime) {
  auto tasks = open();
  tasks->begin();
  started(*tasks, "long");
  EXPECT_EQ(code(tasks->start("long", "{}")), "task_running");
  started(*tasks, "quick");
  EXPECT_EQ(code(tasks->start("other", "{}")), "unknown_kind");
  EXPECT_EQ(code(tasks->start("quick", "[]")), "invalid_type");
}

TEST_F(TasksTest, ACheckRefusesBeforeThereIsATask) {
  auto tasks = open();
  tasks->add({"checked",
              [](auto) {
                return Refusal{409, {"no", "/a", "It can't be."}};
              },
              [](auto, auto, TaskControl&) { return std::string("{}"); }});
  tasks->begin();
  EXPECT_EQ(code(tasks->start("checked", "{}")), "no");
  EXPECT_TRUE(tasks->list().empty());
}

TEST_F(TasksTest, ProgressTellsRatePercentAndTimeLeft) {
  auto tasks = open();
  tasks->begin();
  const Task task = started(*tasks, "long");
  step(1);
  clock.advance_micros(2'000'000);
  step(4);
  const Task now = *tasks->find(task.id);
  EXPECT_EQ(now.progress.stage, "counting");
  EXPECT_EQ(now.percent, 50.0);
  EXPECT_DOUBLE_EQ(now.per_second, 2.0);  // four steps in two seconds: the first began the stage
  EXPECT_EQ(now.seconds_left, 3u);
}

TEST_F(TasksTest, ACancelledOneEnds) {
  auto tasks = open();
  tasks->begin();
  const Task task = started(*tasks, "long");
  step(3);
  EXPECT_EQ(code(tasks->cancel(task.id)), "");
  EXPECT_EQ(ended(*tasks, task.id).state, TaskState::cancelled);
  EXPECT_FALSE(stopped_by_stop);
  EXPECT_EQ(code(tasks->cancel(task.id)), "task_ended");
  EXPECT_EQ(code(tasks->cancel("long-99")), "unknown_task");
}

TEST_F(TasksTest, AStopInterruptsAndTheNextStartGoesOn) {
  auto tasks = open();
  tasks->begin();
  const Task task = started(*tasks, "long");
  step(4);
  tasks->stop();
  EXPECT_TRUE(stopped_by_stop);
  EXPECT_EQ(tasks->find(task.id)->state, TaskState::interrupted);
  tasks = nullptr;
  tasks = open();
  EXPECT_EQ(tasks->find(task.id)->state, TaskState::interrupted);
  tasks->begin();
  step(6);
  const Task done = ended(*tasks, task.id);
  EXPECT_EQ(begun_with, R"({"at":4})");
  EXPECT_EQ(done.state, TaskState::done);
  EXPECT_EQ(done.runs, 2u);
}

TEST_F(TasksTest, AKillIsAnInterruption) {
  const std::filesystem::path copy = home.path() / "copy";
  {
    auto tasks = open();
    tasks->begin();
    started(*tasks, "long");
    step(7);
    std::filesystem::copy(folder(), copy);  // what a kill would leave
  }
  std::filesystem::remove_all(folder());
  std::filesystem::rename(copy, folder());
  auto tasks = open();
  tasks->begin();
  step(3);
  EXPECT_EQ(ended(*tasks, "long-1").result, R"({"at":10})");
  EXPECT_EQ(begun_with, R"({"at":7})");
}

// It has to put away what it made.
TEST_F(TasksTest, OneCancelledWhileNothingRunsBeginsCancelled) {
  auto tasks = open();
  tasks->begin();
  started(*tasks, "long");
  step(2);
  tasks = nullptr;
  tasks = open();
  EXPECT_EQ(code(tasks->cancel("long-1")), "");
  tasks = nullptr;
  tasks = open();
  begun_with = "not begun";
  tasks->begin();
  EXPECT_EQ(ended(*tasks, "long-1").state, TaskState::cancelled);
  EXPECT_EQ(begun_with, R"({"at":2})");
  EXPECT_FALSE(stopped_by_stop);
}

TEST_F(TasksTest, TheLastFiftyAreKeptAndTheLastOfEachKind) {
  auto tasks = open();
  tasks->begin();
  const std::string first = started(*tasks, "failing").id;
  ended(*tasks, first);
  for (size_t i = 0; i < Tasks::kKept + 10; ++i) ended(*tasks, started(*tasks, "quick").id);
  started(*tasks, "quick");
  tasks->stop();
  tasks = open();
  const std::vector<Task> all = tasks->list();
  EXPECT_EQ(all.size(), Tasks::kKept + 2);
  EXPECT_EQ(all.front().id, "quick-62");
  EXPECT_EQ(all.back().id, first);
  const std::vector<Task> last = tasks->last_of_each_kind();
  ASSERT_EQ(last.size(), 2u);
  EXPECT_EQ(last[0].id, first);
  EXPECT_EQ(last[1].id, "quick-62");
}

TEST_F(TasksTest, WhatCantBeReadIsForgottenAndWhatNobodyKnowsFails) {
  {
    auto tasks = open();
    tasks->add({"of_another_program", nullptr, [](auto, auto, TaskControl& control) {
                  while (!control.cancelled()) std::this_thread::yield();
                  return std::string();
                }});
    tasks->begin();
    started(*tasks, "of_another_program");
    ended(*tasks, started(*tasks, "quick").id);
  }
  std::filesystem::resize_file(folder() / "quick-2.json", 20);
  std::vector<std::string> said;
  Tasks tasks(folder(), clock, [&](const std::string& sentence) { said.push_back(sentence); });
  tasks.begin();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("quick-2.json"), std::string::npos);
  EXPECT_FALSE(tasks.find("quick-2"));
  EXPECT_EQ(tasks.find("of_another_program-1")->state, TaskState::failed);
}

}  // namespace
}  // namespace lode::admin
