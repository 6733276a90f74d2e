// What is taken is zero, whoever had it before; what is given back is used again.
#include "store/zeroed_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

namespace lode::store {
namespace {

constexpr size_t kSizes[] = {100, 4 << 10, 40 << 10, 68 << 10, 300 << 10, 3 << 20, (5 << 20) + 4};

bool is_zero(const char* memory, size_t bytes) {
  return std::all_of(memory, memory + bytes, [](char byte) { return byte == 0; });
}

TEST(ZeroedMemory, IsZeroEveryTime) {
  for (int round = 0; round < 5; ++round) {
    std::vector<ZeroedMemory<char>> taken;
    for (size_t bytes : kSizes) {
      for (int i = 0; i < 3; ++i) {
        taken.push_back(zeroed_memory<char>(bytes));
        ASSERT_TRUE(is_zero(taken.back().get(), bytes)) << bytes << " bytes, round " << round;
        std::memset(taken.back().get(), 0xee, bytes);
      }
    }
    taken.clear();
    if (round != 2) clear_given_back();  // what waits to be cleared is not handed out
  }
}

TEST(ZeroedMemory, IsUsedAgainOnceItIsCleared) {
  constexpr size_t kBytes = 3 << 20;
  char* const first = zeroed_memory<char>(kBytes).get();
  const auto meanwhile = zeroed_memory<char>(kBytes);
  EXPECT_NE(meanwhile.get(), first) << "handed out before it was cleared";
  clear_given_back();
  EXPECT_EQ(zeroed_memory<char>(kBytes - 100).get(), first);
}

TEST(ZeroedMemory, LargerUseOfABlockIsZeroToo) {
  {
    auto small = zeroed_memory<char>((2 << 20) + 1);
    std::memset(small.get(), 1, (2 << 20) + 1);
  }
  clear_given_back();
  auto large = zeroed_memory<char>(4 << 20);
  EXPECT_TRUE(is_zero(large.get(), 4 << 20));
}

TEST(ZeroedMemory, ThreadsGetBlocksOfTheirOwn) {
  std::vector<std::thread> threads;
  for (char mine = 1; mine <= 4; ++mine) {
    threads.emplace_back([mine] {
      for (int i = 0; i < 200; ++i) {
        const size_t bytes = kSizes[static_cast<size_t>(i) % std::size(kSizes)];
        auto memory = zeroed_memory<char>(bytes);
        ASSERT_TRUE(is_zero(memory.get(), bytes));
        std::memset(memory.get(), mine, bytes);
        std::this_thread::yield();
        ASSERT_TRUE(std::all_of(memory.get(), memory.get() + bytes, [&](char b) { return b == mine; }));
        if (i % 16 == 0) clear_given_back();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace lode::store
