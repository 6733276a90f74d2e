#include "raft/told.h"

#include <gtest/gtest.h>

namespace lode::raft {
namespace {

Committed committed(uint64_t index, std::optional<uint64_t> cookie = std::nullopt) {
  return {{index}, {index}, Entry{{1}, log::EntryType::batch, "twelve bytes", nullptr}, cookie};
}
Committed run(uint64_t first, uint64_t last) { return {{first}, {last}, std::nullopt, std::nullopt}; }

// As "first" or "first-last", with "+" when the payload is there and "#" when it was proposed here.
std::string text(Told& told) {
  std::string out;
  while (!told.empty()) {
    for (const Committed& entry : told.pop().entries) {
      out += (out.empty() ? "" : " ") + std::to_string(entry.first.value);
      if (entry.last != entry.first) out += "-" + std::to_string(entry.last.value);
      out += (entry.entry ? "+" : "") + std::string(entry.cookie ? "#" : "");
    }
  }
  return out;
}

TEST(Told, KeepsPayloadsUpToItsBound) {
  Told told(30);
  for (uint64_t i = 1; i <= 3; ++i) told.push(std::vector{committed(i)}, {9});
  EXPECT_EQ(text(told), "1+ 2+ 3");
  told.push(std::vector{committed(4)}, {9});
  EXPECT_EQ(text(told), "4+") << "there is room again";
}

// A listener that is slow for hours costs no memory for each entry.
TEST(Told, WhatIsToBeReadFromTheLogBecomesOneRun) {
  Told told(12);
  for (uint64_t i = 1; i <= 1000; ++i) told.push(std::vector{committed(i)}, {5000});
  told.push(std::vector{run(1001, 1500)}, {5000});
  told.push(std::vector{committed(1501), committed(1502)}, {5000});
  EXPECT_EQ(text(told), "1+ 2-1502");
}

TEST(Told, WhatWasProposedHereStaysApart) {
  Told told(0);
  told.push(std::vector{committed(1), committed(2, 7), committed(3), committed(4)}, {9});
  EXPECT_EQ(text(told), "1 2# 3-4");
}

TEST(Told, WhatTheDiskHasNotYetKeepsItsPayload) {
  Told told(0);
  told.push(std::vector{committed(1), committed(2), committed(3)}, {1});
  EXPECT_EQ(text(told), "1 2+ 3+");
}

TEST(Told, OtherNewsStayBetween) {
  Told told(0);
  std::vector<int> heard;
  told.push(std::vector{committed(1)}, {9});
  told.push([&] { heard.push_back(1); });
  told.push(std::vector{committed(2)}, {9});
  EXPECT_EQ(told.pop().entries.size(), 1u);
  told.pop().other.front()();
  EXPECT_EQ(heard.size(), 1u);
  EXPECT_EQ(told.pop().entries.front().first.value, 2u);
}

}  // namespace
}  // namespace lode::raft
