// What becomes of entries that this node proposed, that others proposed, and that only the log has.
#include "ingest/feed.h"

#include <gtest/gtest.h>

#include "event/json.h"
#include "log/memory_log.h"
#include "property/engine.h"
#include "record/batch.h"
#include "store/memory_disk.h"

namespace lode::ingest {
namespace {

constexpr record::GroupId kGroup{0};
constexpr record::Term kTerm{1};

std::string purchase(int number) {
  std::string n = std::to_string(number);
  return R"({"event_id":"p)" + n +
         R"(","type":"purchase","occurred_at":"2011-01-05T08:26:00Z","order_id":"o)" + n +
         R"(","currency":"GBP","lines":[{"sku":"A","quantity":1,"unit_price":"2"}]})";
}

event::EventBatch decoded(int number) {
  event::EventBatch batch;
  event::JsonDecoder decoder;
  EXPECT_FALSE(decoder.decode_json(std::make_shared<const std::string>(purchase(number)), batch));
  return batch;
}

std::string payload_of(int number) {
  record::BatchWriter writer;
  writer.add(decoded(number).events.front());
  return writer.encode({1'500'000'000'000'000});
}

class FeedTest : public testing::Test {
 protected:
  // One event, proposed here; its cookie.
  uint64_t propose(int number, Ack ack = Ack::applied) {
    auto submission = std::make_shared<Submission>();
    submission->request.batch = decoded(number);
    submission->request.ack = ack;
    submission->keys.push_back(sequence::hash_key(engine.hasher, submission->request.batch.events.front()));
    submission->bytes = 100;
    submission->done = [this](const Answer& answer) { answers.push_back(answer); };
    EXPECT_FALSE(admission.reserve(1, submission->bytes));
    Committed entry;
    entry.entry.receive_time = {1'500'000'000'000'000};
    entry.entry.slices.push_back({&submission->request.batch, submission->keys.data(), 0, 1});
    entry.submissions.push_back(submission);
    return in_flight.add(std::move(entry));
  }
  void commit(uint64_t index, std::optional<uint64_t> cookie, const std::optional<std::string>& payload) {
    raft::Committed told{{index}, {index}, {}, cookie};
    if (payload) {
      auto owner = std::make_shared<const std::string>(*payload);
      told.entry = raft::Entry{kTerm, log::EntryType::batch, *owner, owner};
    }
    feed.committed({&told, 1});
  }
  // Everything pushed is applied and answered then.
  void settle() { applier.stop(); }
  int64_t offset() const { return engine.materializer.position().offset; }

  test::Engine engine{1, {}, std::make_unique<store::MemoryDisk>(test::families())};
  log::MemoryLog log;
  Settings settings;
  env::ManualClock clock{0};
  Admission admission{settings, clock, ""};
  InFlight in_flight;
  Applier applier{engine.current, admission};
  Feed feed{log, kGroup, engine.hasher, in_flight, applier};
  std::vector<Answer> answers;
};

TEST_F(FeedTest, WhatWasProposedHereIsAnsweredWhenItIsCommitted) {
  commit(1, propose(1), payload_of(1));
  settle();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_FALSE(answers[0].refusal);
  EXPECT_EQ(answers[0].result.first_offset, 0);
  EXPECT_EQ(admission.events(), 0u);
}

TEST_F(FeedTest, WhatOthersProposedIsDecodedAndApplied) {
  commit(1, std::nullopt, payload_of(1));
  commit(2, propose(1), payload_of(1));  // the same event, from here
  settle();
  EXPECT_EQ(offset(), 0);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].result.duplicates, 1u);
}

TEST_F(FeedTest, WhatIsNotAtHandIsReadFromTheLog) {
  std::vector<std::string> payloads;
  for (int i = 1; i <= 200; ++i) payloads.push_back(payload_of(i));
  for (uint64_t i = 1; i <= payloads.size(); ++i) {
    log::Entry entry{{i}, kTerm, log::EntryType::batch, payloads[i - 1]};
    log.append(kGroup, {&entry, 1});
  }
  raft::Committed run{{1}, {150}, {}, {}};
  feed.committed({&run, 1});
  settle();
  EXPECT_EQ(engine.materializer.applied_entry().value, 150u);
  EXPECT_EQ(offset(), 149);
}

TEST_F(FeedTest, WhatIsInDoubtIsAnsweredOnceWhateverBecomesOfIt) {
  for (Ack ack : {Ack::applied, Ack::committed}) {
    uint64_t index = ack == Ack::applied ? 1 : 2;
    int number = static_cast<int>(index);
    uint64_t cookie = propose(number, ack);
    feed.in_doubt({&cookie, 1});
    commit(index, cookie, payload_of(number));
  }
  settle();
  ASSERT_EQ(answers.size(), 2u);
  for (const Answer& answer : answers) {
    ASSERT_TRUE(answer.refusal);
    EXPECT_EQ(answer.refusal->status, 503);
    EXPECT_EQ(answer.refusal->problem.code, "outcome_unknown");
  }
  EXPECT_EQ(offset(), 1) << "they were committed, and count";
  EXPECT_EQ(admission.events(), 0u);
}

TEST_F(FeedTest, WhatIsLostIsAnsweredAndGivesItsRoomBack) {
  uint64_t first = propose(1), second = propose(2);
  feed.in_doubt({&first, 1});
  EXPECT_GT(admission.events(), 0u) << "it may still be committed";
  std::vector<uint64_t> both{first, second};
  feed.lost(both);
  feed.lost(both);  // nothing is in flight any more
  settle();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[0].refusal && answers[1].refusal);
  EXPECT_EQ(offset(), -1);
  EXPECT_EQ(admission.events(), 0u);
  EXPECT_EQ(admission.bytes(), 0u);
  EXPECT_EQ(applier.oldest_unapplied_micros(), 0) << "nothing waits";
}

}  // namespace
}  // namespace lode::ingest
