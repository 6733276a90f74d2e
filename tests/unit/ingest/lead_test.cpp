// Writes and barriers while this node leads, alone or with another voter, and loses the lead.
#include "unit/ingest/scene.h"

namespace lode::ingest {
namespace {

using raft::Message;

// The other voter of two: what it is sent waits for the test, which speaks for it.
class Neighbour final : public raft::Network {
 public:
  void send(raft::NodeId, const std::string&, Message message) override {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(message));
    sent_.notify_all();
  }
  // The next message of this kind; others are passed over.
  template <typename Kind>
  Kind next() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (!sent_.wait_for(lock, kPatience, [&] { return !waiting_.empty(); }))
        throw std::runtime_error("nothing was sent");
      Message message = std::move(waiting_.front());
      waiting_.pop_front();
      if (auto* wanted = std::get_if<Kind>(&message)) return std::move(*wanted);
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable sent_;
  std::deque<Message> waiting_;
};

// Passes on what the replica tells, and knows when it has told that this node leads.
class Relay final : public raft::Listener {
 public:
  explicit Relay(raft::Listener& to) : to_(to) {}
  void committed(std::span<const raft::Committed> entries) override { to_.committed(entries); }
  void leading(record::Term term) override {
    to_.leading(term);
    led_.set_value();
  }
  void following() override { to_.following(); }
  void leader_changed(const std::optional<raft::Server>& leader) override { to_.leader_changed(leader); }
  void lost(std::span<const uint64_t> cookies) override { to_.lost(cookies); }
  void wait_for_the_lead() {
    if (led_.get_future().wait_for(kPatience) != std::future_status::ready)
      throw std::runtime_error("it does not lead");
  }

 private:
  raft::Listener& to_;
  std::promise<void> led_;
};

struct Waited {
  std::promise<std::pair<std::optional<Refusal>, int64_t>> promise;
  std::future<std::pair<std::optional<Refusal>, int64_t>> future = promise.get_future();
};

class Lead : public Scene {
 protected:
  void start(const raft::Configuration& configuration, Settings chosen = {}) {
    raft::bootstrap(log, kGroup, configuration);
    ingest.emplace(chosen, log, engine.current, engine.hasher, clock, "");
    raft::ReplicaSettings settings;
    settings.group.engine = {.id = {2}, .address = "b:2"};
    settings.group.engine.election_ms = 60'000;  // nothing happens by itself
    settings.group.engine.heartbeat_ms = 20'000;
    relay.emplace(ingest->listener());
    replica.emplace(settings, log, kGroup, neighbour, *relay);
    ingest->set_origin(2);
    replica->start({});
    ingest->open(*replica, &elsewhere);
  }
  void start_alone() { start({{{{2}, "b:2"}}}); }
  void start_of_two(Settings chosen = {}) { start({{kFirst, {{2}, "b:2"}}}, chosen); }

  void receive(Message message) { replica->receive(kFirst.id, kFirst.address, std::move(message)); }
  // The other voter leads `term`, and hands over.
  void take_over(uint64_t term) {
    const raft::Status status = replica->status();
    receive(raft::AppendEntries{{term}, status.last, log.read(kGroup, status.last)->term, status.commit, {}});
    receive(raft::TimeoutNow{{term}, status.last, log.read(kGroup, status.last)->term});
    const auto request = neighbour.next<raft::RequestVote>();
    receive(raft::RequestVoteResult{request.term, true, request.pre_vote});
    acknowledge();
    relay->wait_for_the_lead();
  }
  // The other voter has all.
  void acknowledge() {
    const raft::Status status = replica->status();
    receive(raft::AppendEntriesResult{status.term, {0}, status.last});
  }
  // The other voter leads a new term, in which its no-op takes the place of what is behind `index`.
  void lose_the_lead(record::EntryIndex index) {
    const record::Term term{replica->status().term.value + 1};
    raft::AppendEntries message{term, index, log.read(kGroup, index)->term, index, {}};
    message.entries.push_back({term, log::EntryType::no_op, {}, std::make_shared<char>()});
    receive(std::move(message));
  }
  // What the new leader wrote is committed, and with it what it overwrote is lost.
  void commit_all() {
    const raft::Status status = replica->status();
    receive(raft::AppendEntries{status.term, status.last, status.term, status.last, {}});
  }
  void wait_for_last(uint64_t index) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (replica->status().last.value < index && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
  }
  std::shared_ptr<Waited> barrier() {
    auto waited = std::make_shared<Waited>();
    ingest->barrier([waited](std::optional<Refusal> refusal, int64_t offset) {
      waited->promise.set_value({std::move(refusal), offset});
    });
    return waited;
  }

  void TearDown() override {
    Scene::TearDown();
    replica.reset();
  }

  Neighbour neighbour;
  std::optional<Relay> relay;
};

TEST_F(Lead, ANodeThatIsAloneProposesAndIsDoneThen) {
  start_alone();
  for (int i = 0; i < 3; ++i) {
    std::future<Answer> answer = submit(i);
    EXPECT_EQ(get(answer).result.first_offset, i);
  }
  ingest->stop();
  EXPECT_EQ(ingest->statistics().entries, 3u);
  EXPECT_EQ(ingest->statistics().accepted, 3u);
  EXPECT_TRUE(elsewhere.is_quiet());
  log.scan(kGroup, {2}, [](const log::StoredEntry& entry) {
    if (entry.type == log::EntryType::batch) {
      EXPECT_FALSE(record::RecordBatch::decode(entry.payload).origin()) << "it is alone";
    }
    return true;
  });
}

TEST_F(Lead, WhatItProposesIsAnsweredWhenTheOtherHasIt) {
  start_of_two();
  take_over(2);
  const uint64_t before = replica->status().last.value;
  std::future<Answer> answer = submit(1);
  wait_for_last(before + 1);
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  acknowledge();
  EXPECT_EQ(get(answer).result.first_offset, 0);
}

TEST_F(Lead, WhatIsLostWithTheLeadGoesToTheNewLeader) {
  Settings settings;
  settings.entry_events = 1;
  start_of_two(settings);
  take_over(2);
  const record::EntryIndex before = replica->status().last;
  std::future<Answer> answer = submit({purchase(1), purchase(2)});
  wait_for_last(before.value + 2);
  lose_the_lead(before);
  commit_all();
  const Script::Call call = elsewhere.next();
  EXPECT_EQ(call.leader, kFirst.id);
  ASSERT_EQ(call.payloads.size(), 2u);
  call.done(Forwarded::taken);
  const raft::Status status = replica->status();
  raft::AppendEntries message{status.term, status.last, status.term, {status.last.value + 2}, {}};
  for (const auto& payload : call.payloads)
    message.entries.push_back({status.term, log::EntryType::batch, *payload, payload});
  receive(std::move(message));
  const Answer got = get(answer);
  EXPECT_EQ(got.result.first_offset, 0);
  EXPECT_EQ(got.result.last_offset, 1);
}

TEST_F(Lead, WhatIsInDoubtWaitsAndIsToldAsItsOwn) {
  start_of_two();
  take_over(2);
  const record::EntryIndex before = replica->status().last;
  std::future<Answer> answer = submit(1);
  wait_for_last(before.value + 1);
  lose_the_lead(replica->status().last);  // the new leader has it
  EXPECT_EQ(get(answer).result.first_offset, 0);
  EXPECT_TRUE(elsewhere.is_quiet());
}

TEST_F(Lead, WhatStaysInDoubtIsUnknown) {
  Settings settings;
  settings.outcome_ms = 100;
  start_of_two(settings);
  take_over(2);
  std::future<Answer> answer = submit(1);
  EXPECT_EQ(code_of(get(answer)), "outcome_unknown");
  EXPECT_EQ(ingest->statistics().waiting_events, 0u);
  acknowledge();
  std::future<Answer> again = submit(1);
  wait_for_last(replica->status().delivered.value + 1);
  acknowledge();
  EXPECT_EQ(get(again).result.duplicates, 1u) << "it was committed after all";
}

TEST_F(Lead, WhatTheOtherForwardsIsProposed) {
  start_alone();
  auto shared = [](std::string text) { return std::make_shared<const std::string>(std::move(text)); };
  EXPECT_EQ(ingest->propose_foreign({shared(payload_of(1)), shared(payload_of(2))}), raft::Proposed::taken);
  std::future<Answer> answer = submit(2);
  EXPECT_EQ(get(answer).result.duplicates, 1u);
  EXPECT_EQ(ingest->statistics().accepted, 0u) << "that is counted where it came from";
  std::string broken = payload_of(3);
  broken.back() ^= 1;
  EXPECT_EQ(ingest->propose_foreign({shared(payload_of(4)), shared(broken)}), raft::Proposed::not_leader);
  record::BatchWriter writer;
  std::string noise(2u << 20, 'x');
  for (size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(i * i * 2654435761u >> 13);
  event::Event event;
  event.payload = noise;
  writer.add(event);
  EXPECT_EQ(ingest->propose_foreign({shared(writer.encode({1}))}), raft::Proposed::not_leader);
  ingest->stop();
  EXPECT_EQ(offset(), 1) << "all or none";
  EXPECT_EQ(ingest->propose_foreign({shared(payload_of(5))}), raft::Proposed::not_leader);
}

TEST_F(Lead, ABarrierComesBehindWhatIsAcknowledged) {
  start_alone();
  std::future<Answer> answer = submit({purchase(1), purchase(2)});
  get(answer);
  const auto [refusal, offset] = barrier()->future.get();
  EXPECT_FALSE(refusal);
  EXPECT_EQ(offset, 1);
}

TEST_F(Lead, OneBarrierServesAllWhoWaited) {
  start_of_two();
  take_over(2);
  const uint64_t before = replica->status().last.value;
  std::vector<std::shared_ptr<Waited>> waited{barrier()};
  wait_for_last(before + 1);
  for (int i = 0; i < 10; ++i) waited.push_back(barrier());
  EXPECT_EQ(replica->status().last.value, before + 1) << "they asked after it was proposed: the next one";
  acknowledge();
  EXPECT_FALSE(waited[0]->future.get().first);
  wait_for_last(before + 2);
  acknowledge();
  for (size_t i = 1; i < waited.size(); ++i) EXPECT_FALSE(waited[i]->future.get().first);
  EXPECT_EQ(replica->status().last.value, before + 2);
}

TEST_F(Lead, ABarrierIsRefusedWhenTheLeadIsLost) {
  start_of_two();
  take_over(2);
  const record::EntryIndex before = replica->status().last;
  const std::shared_ptr<Waited> first = barrier();
  wait_for_last(before.value + 1);
  const std::shared_ptr<Waited> second = barrier();
  lose_the_lead(before);
  for (const auto& waited : {first, second}) {
    const auto [refusal, offset] = waited->future.get();
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->problem.code, "no_leader");
    EXPECT_EQ(refusal->status, 503);
  }
}

TEST_F(Lead, AStopAnswersBarriersAndWrites) {
  start_of_two();
  take_over(2);
  std::future<Answer> answer = submit(1);
  const std::shared_ptr<Waited> first = barrier(), second = barrier();
  ingest->stop();
  EXPECT_EQ(code_of(get(answer)), "outcome_unknown");
  EXPECT_TRUE(first->future.get().first);
  EXPECT_TRUE(second->future.get().first);
}

}  // namespace
}  // namespace lode::ingest
