#include "ingest/admission.h"

#include <gtest/gtest.h>

namespace lode::ingest {
namespace {

TEST(Admission, BoundsEventsAndBytes) {
  Bounds bounds{.queue_bytes = 1000, .queue_events = 10};
  env::ManualClock clock(0);
  Admission admission(bounds, clock, "");
  EXPECT_FALSE(admission.reserve(6, 100));
  EXPECT_EQ(admission.reserve(5, 100)->status, 429);
  EXPECT_EQ(admission.reserve(1, 901)->problem.code, "queue_full");
  EXPECT_FALSE(admission.reserve(4, 900));
  admission.release(6, 100);
  admission.release(4, 900);
  EXPECT_EQ(admission.events(), 0u);
  EXPECT_EQ(admission.bytes(), 0u);
}

TEST(Admission, ARequestLargerThanTheQueueGoesInAlone) {
  Bounds bounds{.queue_bytes = 1000, .queue_events = 10};
  env::ManualClock clock(0);
  Admission admission(bounds, clock, "");
  EXPECT_FALSE(admission.reserve(50, 5000));
  EXPECT_EQ(admission.reserve(1, 1)->retry_after_seconds, 1u);
}

TEST(Admission, RefusesWhenTheDiskIsBelowItsReserve) {
  Bounds bounds{.reserved_disk_bytes = UINT64_MAX};
  env::ManualClock clock(0);
  Admission admission(bounds, clock, testing::TempDir());
  EXPECT_EQ(admission.reserve(1, 1)->status, 507);
  bounds.reserved_disk_bytes = 0;
  admission.set_bounds(bounds);
  EXPECT_EQ(admission.reserve(1, 1)->status, 507) << "looks at the disk at most twice a second";
  clock.advance_micros(500'000);
  EXPECT_FALSE(admission.reserve(1, 1));
}

}  // namespace
}  // namespace lode::ingest
