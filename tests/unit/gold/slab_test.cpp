// Copies of a slab while its writer goes on.
#include "gold/slab.h"

#include <gtest/gtest.h>

#include <optional>

namespace lode::gold {
namespace {

uint64_t& number(Slab& slab, uint32_t position) { return *reinterpret_cast<uint64_t*>(slab.at(position)); }
uint64_t number(const Slab& slab, uint32_t position) {
  return *reinterpret_cast<const uint64_t*>(slab.at(position));
}

TEST(SlabTest, ACopyStaysAsItWas) {
  std::optional<Slab> slab(8);
  for (uint32_t i = 0; i < 3000; ++i) number(*slab, slab->append()) = i;
  const Slab first(*slab);
  for (uint32_t i = 0; i < 3000; i += 2) number(*slab, i) += 10000;
  for (uint32_t i = 3000; i < 5000; ++i) number(*slab, slab->append()) = i;
  const Slab second(*slab);
  number(*slab, 1) = 7;
  EXPECT_EQ(number(std::as_const(*slab), 1), 7u);
  EXPECT_EQ(first.size(), 3000u);
  EXPECT_EQ(second.size(), 5000u);
  slab.reset();
  for (uint32_t i = 0; i < 3000; ++i) ASSERT_EQ(number(first, i), i);
  for (uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(number(second, i), i + (i < 3000 && i % 2 == 0 ? 10000 : 0));
}

}  // namespace
}  // namespace lode::gold
