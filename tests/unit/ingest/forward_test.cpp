// Writes while another node leads.
#include <random>

#include "unit/ingest/scene.h"

namespace lode::ingest {
namespace {

class Forward : public Scene {
 protected:
  static Settings small_entries() {
    Settings settings;
    settings.entry_events = 1;
    return settings;
  }
  static Settings soon(uint32_t outcome_ms = 60) {
    Settings settings;
    settings.outcome_ms = outcome_ms;
    return settings;
  }
  static std::vector<uint64_t> offsets(const Answer& answer) {
    std::vector<uint64_t> out;
    for (const ItemResult& item : answer.result.results) out.push_back(static_cast<uint64_t>(item.offset));
    return out;
  }
};

TEST_F(Forward, WhatTheLeaderTakesIsAnsweredWhenItIsAppliedHere) {
  open();
  leader(kFirst);
  std::future<Answer> answer = submit(1);
  const Script::Call call = elsewhere.next();
  EXPECT_EQ(call.leader, kFirst.id);
  EXPECT_LE(call.timeout, std::chrono::milliseconds(5000));
  call.done(Forwarded::taken);
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  commit(payload_of(7));
  commit(call.payloads);
  EXPECT_EQ(get(answer).result.first_offset, 1);
  EXPECT_EQ(ingest->statistics().waiting_events, 0u);
  EXPECT_EQ(ingest->statistics().accepted, 1u);
}

TEST_F(Forward, BatchesOfAGroupOfSeveralSayWhoMadeThem) {
  open();
  leader(kFirst);
  std::vector<record::Origin> origins;
  for (int i = 0; i < 2; ++i) {
    std::future<Answer> answer = submit(i);
    const Script::Call call = elsewhere.next();
    origins.push_back(record::RecordBatch::decode(*call.payloads.at(0)).origin().value());
    commit(call.payloads);
    get(answer);
  }
  EXPECT_EQ(origins[0].node, 2u);
  EXPECT_EQ(origins[1].sequence, origins[0].sequence + 1);
  ingest->set_origin(0);
  std::future<Answer> answer = submit(3);
  const Script::Call call = elsewhere.next();
  EXPECT_FALSE(record::RecordBatch::decode(*call.payloads.at(0)).origin());
  commit(call.payloads);
  get(answer);
}

TEST_F(Forward, TheAnswerMayComeAfterTheEntry) {
  open();
  leader(kFirst);
  std::future<Answer> answer = submit(1);
  const Script::Call call = elsewhere.next();
  commit(call.payloads);
  EXPECT_EQ(code_of(get(answer)), "taken");
  call.done(Forwarded::unknown);
  std::future<Answer> other = submit(2);
  const Script::Call next = elsewhere.next();
  EXPECT_NE(*next.payloads.at(0), *call.payloads.at(0)) << "nothing of the first is sent again";
  commit(next.payloads);
  get(other);
}

TEST_F(Forward, ARefusalIsSentAgain) {
  open();
  leader(kFirst);
  std::future<Answer> answer = submit(1);
  Payloads first;
  for (Forwarded refusal : {Forwarded::not_leader, Forwarded::full, Forwarded::unknown, Forwarded::taken}) {
    const Script::Call call = elsewhere.next();
    EXPECT_EQ(call.leader, kFirst.id);
    if (!first.empty()) {
      EXPECT_EQ(*call.payloads.at(0), *first.at(0));
    }
    first = call.payloads;
    call.done(refusal);
  }
  commit(first);
  EXPECT_EQ(code_of(get(answer)), "taken");
}

TEST_F(Forward, ANewLeaderGetsWhatIsNotTold) {
  open();
  leader(kFirst);
  std::future<Answer> taken = submit(1), asked = submit(2);
  const Script::Call first = elsewhere.next();
  if (first.payloads.size() == 1) first.done(Forwarded::taken);
  leader(std::nullopt);
  leader(kThird);
  Payloads all;
  for (uint32_t events = 0; events < 2;) {
    const Script::Call again = elsewhere.next();
    if (again.leader != kThird.id) continue;  // of the second, before the first leader was lost
    for (const auto& payload : again.payloads) events += record::RecordBatch::decode(*payload).count();
    all.insert(all.end(), again.payloads.begin(), again.payloads.end());
  }
  first.done(Forwarded::not_leader);  // too late to count
  commit(all);
  EXPECT_EQ(code_of(get(taken)), "taken");
  EXPECT_EQ(code_of(get(asked)), "taken");
  EXPECT_TRUE(elsewhere.is_quiet());
}

TEST_F(Forward, AnAnswerThatANewLeaderOvertookDoesNotCount) {
  open();
  leader(kFirst);
  std::future<Answer> answer = submit(1);
  const Script::Call overtaken = elsewhere.next();
  leader(kThird);
  const Script::Call call = elsewhere.next();
  overtaken.done(Forwarded::not_leader);
  std::future<Answer> other = submit(2);
  const Script::Call refused = elsewhere.next();
  refused.done(Forwarded::not_leader);  // is sent again after the pause, and so would be the first
  const Script::Call again = elsewhere.next();
  EXPECT_EQ(again.payloads, refused.payloads);
  commit(call.payloads);
  commit(refused.payloads);
  EXPECT_EQ(code_of(get(answer)), "taken");
  EXPECT_EQ(code_of(get(other)), "taken");
}

TEST_F(Forward, OfTwoCopiesTheFirstCounts) {
  open();
  leader(kFirst);
  std::future<Answer> answer = submit(1);
  const Script::Call call = elsewhere.next();
  call.done(Forwarded::unknown);
  const Script::Call again = elsewhere.next();
  commit(call.payloads);
  commit(again.payloads);
  const Answer got = get(answer);
  EXPECT_EQ(got.result.accepted, 1u);
  EXPECT_EQ(got.result.first_offset, 0);
  ingest->stop();
  EXPECT_EQ(engine.materializer.applied_entry().value, 2u);
  EXPECT_EQ(offset(), 0);
  EXPECT_EQ(ingest->statistics().accepted, 1u);
  EXPECT_EQ(ingest->statistics().duplicates, 0u) << "that was nobody's answer";
}

TEST_F(Forward, ASubmissionOfSeveralEntriesGoesOnBehindWhatIsTold) {
  open(small_entries());
  leader(kFirst);
  std::future<Answer> answer = submit({purchase(1), purchase(2), purchase(3)});
  const Script::Call call = elsewhere.next();
  ASSERT_EQ(call.payloads.size(), 3u);
  call.done(Forwarded::taken);
  commit(*call.payloads[0]);
  leader(kThird);
  const Script::Call again = elsewhere.next();
  ASSERT_EQ(again.payloads.size(), 2u);
  EXPECT_EQ(*again.payloads[0], *call.payloads[1]);
  again.done(Forwarded::taken);
  commit(again.payloads);
  EXPECT_EQ(offsets(get(answer)), (std::vector<uint64_t>{0, 1, 2}));
}

// The leader took a later part of a span after it had lost and regained the lead, and an earlier part.
TEST_F(Forward, VerdictsStandAtTheirItemsInWhateverOrderTheyCome) {
  open(small_entries());
  leader(kFirst);
  const std::string unknown_currency = [] {
    std::string event = purchase(2);
    return event.replace(event.find("GBP"), 3, "QQQ");
  }();
  std::future<Answer> answer = submit({purchase(1), unknown_currency, purchase(1), unknown_currency});
  const Script::Call call = elsewhere.next();
  for (size_t i : {3u, 0u, 1u, 2u}) commit(*call.payloads.at(i));
  const Answer got = get(answer);
  EXPECT_EQ(offsets(got), (std::vector<uint64_t>{1, 0, 1, 0}));
  EXPECT_EQ(got.result.results[0].status, ItemResult::Status::accepted);
  EXPECT_EQ(got.result.results[1].status, ItemResult::Status::duplicate);
  EXPECT_EQ(got.result.results[2].status, ItemResult::Status::duplicate);
  EXPECT_EQ(got.result.results[3].status, ItemResult::Status::quarantined);
  EXPECT_EQ(got.result.first_offset, 0);
  EXPECT_EQ(got.result.last_offset, 1);
}

TEST_F(Forward, ALongSpanGoesInParts) {
  open();
  leader(kFirst);
  std::mt19937 random(1);
  std::vector<std::string> events;
  for (int i = 0; i < 20; ++i) {
    std::string noise(700'000, ' ');
    for (char& c : noise)
      c = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[random() % 64];
    events.push_back(purchase(i, R"(","attributes":")" + noise));
  }
  std::future<Answer> answer = submit(events);
  auto bytes = [](const Payloads& payloads) {
    size_t sum = 0;
    for (const auto& payload : payloads) sum += payload->size();
    return sum;
  };
  const Script::Call first = elsewhere.next();
  ASSERT_LT(first.payloads.size(), 20u);
  EXPECT_GT(bytes(first.payloads), 7u << 20);
  EXPECT_LE(bytes(first.payloads), 8u << 20);
  EXPECT_TRUE(elsewhere.is_quiet()) << "one part after the other";
  first.done(Forwarded::taken);
  const Script::Call second = elsewhere.next();
  EXPECT_EQ(first.payloads.size() + second.payloads.size(), 20u);
  second.done(Forwarded::full);
  const Script::Call same = elsewhere.next();
  EXPECT_EQ(same.payloads, second.payloads) << "it goes on where it was";
  same.done(Forwarded::not_leader);
  const Script::Call whole = elsewhere.next();
  EXPECT_EQ(whole.payloads, first.payloads) << "from the first that is not told";
  commit(first.payloads);
  commit(second.payloads);
  EXPECT_EQ(get(answer).result.accepted, 20u);
}

TEST_F(Forward, SeveralSpansAreUnderWayAtATimeAndTheRestWaits) {
  open();
  leader(kFirst);
  std::vector<std::future<Answer>> answers;
  std::vector<Script::Call> calls;
  for (int i = 0; i < 16; ++i) {
    answers.push_back(submit(i));
    calls.push_back(elsewhere.next());
  }
  for (int i = 16; i < 40; ++i) answers.push_back(submit(i));
  EXPECT_TRUE(elsewhere.is_quiet());
  commit(calls[0].payloads);
  const Script::Call rest = elsewhere.next();
  EXPECT_EQ(record::RecordBatch::decode(*rest.payloads.at(0)).count(), 24u);
  for (size_t i = 1; i < calls.size(); ++i) commit(calls[i].payloads);
  commit(rest.payloads);
  for (auto& answer : answers) EXPECT_EQ(code_of(get(answer)), "taken");
}

TEST_F(Forward, WhatIsNotToldInTimeIsUnknownAndMayStillCount) {
  open(soon());
  leader(kFirst);
  std::future<Answer> answer = submit(1);
  const Script::Call call = elsewhere.next();
  call.done(Forwarded::taken);
  const Answer got = get(answer);
  EXPECT_EQ(code_of(got), "outcome_unknown");
  EXPECT_EQ(got.refusal->status, 503);
  EXPECT_EQ(ingest->statistics().refused, 1u);
  EXPECT_EQ(ingest->statistics().waiting_events, 0u);
  commit(call.payloads);
  ingest->stop();
  EXPECT_EQ(offset(), 0);
}

TEST_F(Forward, ACallThatIsNotAnsweredInTimeIsUnknown) {
  open(soon());
  leader(kFirst);
  std::future<Answer> answer = submit(1);
  const Script::Call call = elsewhere.next();
  EXPECT_EQ(code_of(get(answer)), "outcome_unknown");
  call.done(Forwarded::taken);
}

TEST_F(Forward, PartOfASubmissionInTimeIsNotEnough) {
  Settings settings = small_entries();
  settings.outcome_ms = 300;
  open(settings);
  leader(kFirst);
  std::future<Answer> answer = submit({purchase(1), purchase(2)});
  const Script::Call call = elsewhere.next();
  commit(*call.payloads.at(0));
  EXPECT_EQ(code_of(get(answer)), "outcome_unknown");
  EXPECT_EQ(ingest->statistics().waiting_events, 0u);
  EXPECT_EQ(ingest->statistics().waiting_bytes, 0u);
}

TEST_F(Forward, WhatNeverLeftSaysWhy) {
  open(soon(150));
  std::future<Answer> nobody = submit(1);
  EXPECT_EQ(code_of(get(nobody)), "no_leader");
  leader(kFirst);
  std::future<Answer> full = submit(2);
  std::thread answers([&] {
    while (full.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready)
      if (!elsewhere.is_quiet()) elsewhere.next().done(Forwarded::full);
  });
  answers.join();
  const Answer got = full.get();
  EXPECT_EQ(code_of(got), "queue_full");
  EXPECT_EQ(got.refusal->status, 429);
}

TEST_F(Forward, WithoutALeaderForTwoSecondsNobodyWaits) {
  open({}, &manual);
  std::future<Answer> waits = submit(1);
  manual.advance_micros(2'000'000);
  std::future<Answer> still = submit(2);
  manual.advance_micros(1);
  std::future<Answer> refused = submit(3);
  ASSERT_EQ(refused.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  const Answer got = refused.get();
  EXPECT_EQ(code_of(got), "no_leader");
  EXPECT_EQ(got.refusal->status, 503);
  EXPECT_GT(got.refusal->retry_after_seconds, 0u);
  leader(kFirst);
  std::future<Answer> after = submit(4);
  for (uint32_t events = 0; events < 3;) {
    const Script::Call call = elsewhere.next();
    for (const auto& payload : call.payloads) events += record::RecordBatch::decode(*payload).count();
    commit(call.payloads);
  }
  for (auto* answer : {&waits, &still, &after}) EXPECT_EQ(code_of(get(*answer)), "taken");
}

TEST_F(Forward, AStopAnswersAll) {
  open();
  std::future<Answer> waits = submit(1);
  ingest->stop();
  EXPECT_EQ(code_of(get(waits)), "stopping");
  std::future<Answer> late = submit(2);
  EXPECT_EQ(code_of(get(late)), "stopping");
}

TEST_F(Forward, AStopWaitsALittleForWhatIsUnderWay) {
  open();
  leader(kFirst);
  std::future<Answer> told = submit(1);
  const Script::Call call = elsewhere.next();
  std::future<Answer> never = submit(2);
  const Script::Call other = elsewhere.next();
  std::thread stops([&] { ingest->stop(); });
  call.done(Forwarded::taken);
  commit(call.payloads);
  EXPECT_EQ(code_of(get(told)), "taken");
  EXPECT_EQ(code_of(get(never)), "outcome_unknown");
  stops.join();
  other.done(Forwarded::taken);  // nobody is there any more
}

TEST_F(Forward, ABarrierIsTheLeaders) {
  open();
  leader(kFirst);
  bool told = false;
  ingest->barrier([&](const std::optional<Refusal>& refusal, int64_t) {
    told = refusal && refusal->problem.code == "no_leader";
  });
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace lode::ingest
