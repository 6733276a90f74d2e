// Offsets in few bytes.
#include "record/offset_set.h"

#include <gtest/gtest.h>

#include <random>

#include "record/batch.h"

namespace lode::record {
namespace {

std::vector<Offset> random_offsets(uint64_t seed, size_t count, uint64_t most_step) {
  std::mt19937_64 random(seed);
  std::vector<Offset> out;
  uint64_t at = random() % most_step;
  for (size_t i = 0; i < count; ++i, at += 1 + random() % most_step) out.push_back({at});
  return out;
}

TEST(OffsetSet, ComesBackAsItWas) {
  for (const uint64_t step : {1ull, 2ull, 1000ull, 1ull << 40}) {
    const auto offsets = random_offsets(step, 5000, step);
    std::span<const Offset> left(offsets);
    std::vector<Offset> back;
    size_t parts = 0;
    while (!left.empty()) {
      const std::string bytes = encode_offsets(left, 4096);
      EXPECT_LE(bytes.size(), 4096u + 64);
      const auto part = decode_offsets(bytes);
      back.insert(back.end(), part.begin(), part.end());
      ++parts;
    }
    EXPECT_EQ(back, offsets);
    EXPECT_GT(parts, 1u);
  }
}

TEST(OffsetSet, OneIsTakenHoweverLittleRoomThereIs) {
  const std::vector<Offset> offsets{{UINT64_MAX - 1}};
  std::span<const Offset> left(offsets);
  EXPECT_EQ(decode_offsets(encode_offsets(left, 0)), offsets);
  EXPECT_TRUE(left.empty());
  EXPECT_THROW(encode_offsets(left, 10), std::logic_error);
}

TEST(OffsetSet, BrokenBytesAreRefused) {
  const auto offsets = random_offsets(3, 200, 1 << 20);
  std::span<const Offset> left(offsets);
  const std::string bytes = encode_offsets(left, 1 << 20);
  for (size_t i = 0; i < bytes.size(); ++i) EXPECT_THROW(decode_offsets(bytes.substr(0, i)), Corruption) << i;
  EXPECT_THROW(decode_offsets("offsets"), Corruption);
}

}  // namespace
}  // namespace lode::record
