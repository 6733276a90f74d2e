#include "wire/room.h"

#include <gtest/gtest.h>

namespace lode::wire {
namespace {

TEST(Room, HasNoMoreThanItsBytes) {
  auto room = std::make_shared<Room>(100);
  Room::Share one(room), other(room);
  EXPECT_TRUE(one.take(60));
  EXPECT_FALSE(other.take(41));
  EXPECT_TRUE(other.take(40));
  EXPECT_FALSE(one.resize(61)) << "nothing changes";
  EXPECT_TRUE(one.resize(50));
  EXPECT_TRUE(other.resize(50));
  EXPECT_FALSE(other.take(1));
  one.give_back();
  EXPECT_TRUE(other.take(50));
}

TEST(Room, GetsEverythingBackOnce) {
  auto room = std::make_shared<Room>(100);
  {
    Room::Share share(room);
    ASSERT_TRUE(share.take(70));
    Room::Share heir = share.hand_over();
    EXPECT_TRUE(share.take(30));
    Room::Share third(room);
    EXPECT_FALSE(third.take(1)) << "the heir has its 70 still";
    share = std::move(heir);
    EXPECT_TRUE(third.take(30)) << "what was assigned over went back";
    EXPECT_FALSE(third.take(1));
  }
  Room::Share all(room);
  EXPECT_TRUE(all.take(100));
}

}  // namespace
}  // namespace lode::wire
