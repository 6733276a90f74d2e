// What becomes of entries that this node proposed, that others proposed, and that only the log has.
#include "unit/ingest/scene.h"

namespace lode::ingest {
namespace {

class FeedTest : public Scene {
 protected:
  void SetUp() override { open(); }
};

TEST_F(FeedTest, WhatOthersProposedIsDecodedAndApplied) {
  leader(kFirst);
  commit(payload_of(1));
  std::future<Answer> answer = submit(1);  // the same event, from here
  commit(elsewhere.next().payloads);
  EXPECT_EQ(get(answer).result.duplicates, 1u);
  EXPECT_EQ(offset(), 0);
}

TEST_F(FeedTest, WhatIsNotAtHandIsReadFromTheLog) {
  leader(kFirst);
  std::future<Answer> answer = submit(100);
  const Payloads own = elsewhere.next().payloads;
  for (uint64_t i = 1; i <= 200; ++i) {
    const std::string payload = i == 100 ? *own.at(0) : payload_of(static_cast<int>(i));
    log::Entry entry{{i}, {1}, log::EntryType::batch, payload};
    log.append(kGroup, {&entry, 1});
  }
  raft::Committed run{{1}, {150}, {}, {}};
  ingest->listener().committed({&run, 1});
  EXPECT_EQ(get(answer).result.first_offset, 99) << "it is known by its bytes";
  ingest->stop();
  EXPECT_EQ(engine.materializer.applied_entry().value, 150u);
  EXPECT_EQ(offset(), 149);
}

// A state was installed meanwhile. What lies behind it in the log is nobody's to apply until it is told.
TEST_F(FeedTest, WhatIsGoneFromTheLogIsNotReadFromBehindIt) {
  for (uint64_t i = 1; i <= 20; ++i) {
    const std::string payload = payload_of(static_cast<int>(i));
    log::Entry entry{{i}, {1}, log::EntryType::batch, payload};
    log.append(kGroup, {&entry, 1});
  }
  log.truncate_prefix(kGroup, {11});
  raft::Committed run{{1}, {10}, {}, {}};
  ingest->listener().committed({&run, 1});
  ingest->stop();
  EXPECT_EQ(engine.materializer.applied_entry().value, 0u);
}

TEST_F(FeedTest, WhatIsToldAtOnceIsAppliedInItsOrder) {
  std::vector<raft::Committed> told;
  for (uint64_t i = 1; i <= 200; ++i) {
    auto owner = std::make_shared<const std::string>(payload_of(static_cast<int>(i)));
    told.push_back({{i}, {i}, raft::Entry{{1}, log::EntryType::batch, *owner, owner}, std::nullopt});
  }
  ingest->listener().committed(told);
  ingest->stop();
  EXPECT_EQ(engine.materializer.applied_entry().value, 200u);
  EXPECT_EQ(offset(), 199);
}

TEST_F(FeedTest, WhatWasSkippedIsNotKnown) {
  commit(payload_of(1));
  leader(kFirst);
  std::future<Answer> answer = submit(2);
  last = 0;  // an installed state holds it already
  commit(elsewhere.next().payloads);
  EXPECT_EQ(code_of(get(answer)), "outcome_unknown");
  EXPECT_EQ(ingest->statistics().waiting_events, 0u);
  EXPECT_EQ(ingest->statistics().accepted, 0u);
}

}  // namespace
}  // namespace lode::ingest
