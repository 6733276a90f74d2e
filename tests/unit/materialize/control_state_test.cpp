#include "materialize/control_state.h"

#include <gtest/gtest.h>

#include "log/memory_log.h"
#include "record/batch.h"

namespace lode::materialize {
namespace {

ControlState example() {
  ControlState state;
  state.entry = 300;
  state.level = 2;
  state.last_folder = 4;
  state.active = {300, 0xfedcba9876543210, 3, "one"};
  state.next = ControlState::Rules{250, 7, 4, "two"};
  return state;
}

TEST(ControlStateTest, IsKeptBesideTheLog) {
  log::MemoryLog log;
  EXPECT_FALSE(ControlState::load(log));
  ControlState state = example();
  state.save(log);
  EXPECT_EQ(ControlState::load(log), state);
  state.next.reset();
  state.save(log);
  EXPECT_EQ(ControlState::load(log), state);
}

TEST(ControlStateTest, OtherBytesAreNotTakenForOne) {
  const std::string bytes = example().encode();
  for (size_t i = 0; i < bytes.size(); ++i)
    EXPECT_THROW(ControlState::decode(bytes.substr(0, i)), record::Corruption) << i;
  EXPECT_THROW(ControlState::decode(bytes + "x"), record::Corruption);
  EXPECT_THROW(ControlState::decode("\2" + bytes.substr(1)), record::Corruption);
}

TEST(ControlStateTest, OfAnotherNodeItNamesFoldersOfThisOne) {
  ControlState taken = ControlState::taken_over(example().encode(), 9);
  EXPECT_EQ(taken.active.folder, 9u);
  EXPECT_EQ(taken.next->folder, 10u);
  EXPECT_EQ(taken.last_folder, 10u);
  EXPECT_EQ(taken.entry, 300u);
  EXPECT_EQ(taken.active.text, "one");
}

}  // namespace
}  // namespace lode::materialize
