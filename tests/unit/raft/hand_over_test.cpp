// A leader that hands over with entries on their way tells the other to stand once it has them all.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "log/memory_log.h"
#include "raft/configuration.h"
#include "raft/recovery.h"
#include "raft/replica.h"

namespace lode::raft {
namespace {

constexpr record::GroupId kGroup{0};
constexpr NodeId kSelf{1}, kPeer{2};

// Keeps what goes to the peer.
class Mailbox final : public Network {
 public:
  void send(NodeId, const std::string&, Message message) override {
    std::lock_guard lock(mutex_);
    sent_.push_back(std::move(message));
    arrived_.notify_all();
  }
  // The first one from `seen_` on that is wanted.
  template <typename Kind, typename Condition>
  std::optional<Kind> wait_for(const Condition& condition) {
    std::unique_lock lock(mutex_);
    std::optional<Kind> found;
    arrived_.wait_for(lock, std::chrono::seconds(20), [&] {
      for (; seen_ < sent_.size() && !found; ++seen_) {
        const auto* message = std::get_if<Kind>(&sent_[seen_]);
        if (message != nullptr && condition(*message)) found = *message;
      }
      return found.has_value();
    });
    return found;
  }
  size_t count_timeout_now() const {
    std::lock_guard lock(mutex_);
    size_t count = 0;
    for (const Message& message : sent_) count += std::holds_alternative<TimeoutNow>(message) ? 1 : 0;
    return count;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Message> sent_;
  size_t seen_ = 0;
};

// Hears of the configurations that are committed.
class Ear final : public Listener {
 public:
  void committed(std::span<const Committed>) override {}
  void configured(const Configuration& configuration, record::EntryIndex) override {
    std::lock_guard lock(mutex_);
    voters_ = voters(configuration);
    heard_.notify_all();
  }
  bool wait_for_voters(size_t count) {
    std::unique_lock lock(mutex_);
    return heard_.wait_for(lock, std::chrono::seconds(20), [&] { return voters_ == count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable heard_;
  size_t voters_ = 0;
};

class HandOver : public testing::Test {
 protected:
  HandOver() {
    bootstrap(log, kGroup, {{{kSelf, "a:1"}}});
    settings.group.engine.id = kSelf;
    settings.group.engine.address = "a:1";
    settings.group.engine.election_ms = 600'000;
    settings.group.engine.heartbeat_ms = 300'000;  // none comes while the test runs
    replica.emplace(settings, log, kGroup, mailbox, ear);
    replica->start({});
  }

  // The peer answers an AppendEntries with all that it has.
  void acknowledge(record::Term term, uint64_t last) {
    AppendEntriesResult result;
    result.term = term;
    result.last_index = {last};
    replica->receive(kPeer, "b:2", result);
  }
  // Until the leader has sent the entry with this index.
  AppendEntries sent(uint64_t index) {
    auto found = mailbox.wait_for<AppendEntries>([index](const AppendEntries& append) {
      return !append.entries.empty() && append.prev_index.value + append.entries.size() >= index;
    });
    EXPECT_TRUE(found);
    return found.value_or(AppendEntries{});
  }
  // A voter with every entry.
  void add_peer() {
    ASSERT_EQ(replica->add_standby({kPeer, "b:2", Role::standby}), Changed::started);
    const auto probe = mailbox.wait_for<AppendEntries>([](const AppendEntries&) { return true; });
    ASSERT_TRUE(probe);
    AppendEntriesResult refusal;
    refusal.term = probe->term;
    refusal.rejected = probe->prev_index;
    if (probe->prev_index.value > 0) replica->receive(kPeer, "b:2", refusal);
    const uint64_t last = replica->status().last.value;
    acknowledge(probe->prev_index.value > 0 ? sent(last).term : probe->term, last);
    ASSERT_EQ(replica->promote(kPeer), Changed::started);
    acknowledge(sent(last + 1).term, last + 1);
    ASSERT_TRUE(ear.wait_for_voters(2));
  }
  uint64_t propose() {
    auto payload = std::make_shared<const std::string>("batch");
    const Proposal proposal{*payload, payload, 1};
    EXPECT_EQ(replica->propose({&proposal, 1}), Proposed::taken);
    return replica->status().last.value;
  }

  log::MemoryLog log;
  Mailbox mailbox;
  Ear ear;
  ReplicaSettings settings;
  std::optional<Replica> replica;
};

TEST_F(HandOver, WaitsForTheLastOfTheEntriesOnTheirWay) {
  add_peer();
  const uint64_t first = propose(), last = propose();
  const record::Term term = sent(last).term;
  ASSERT_TRUE(replica->transfer(kPeer));
  EXPECT_EQ(replica->status().transferring_to, kPeer);
  acknowledge(term, first);
  EXPECT_EQ(mailbox.count_timeout_now(), 0u);
  acknowledge(term, last);
  const auto now = mailbox.wait_for<TimeoutNow>([](const TimeoutNow&) { return true; });
  ASSERT_TRUE(now);
  EXPECT_EQ(now->last_index.value, last);
}

TEST_F(HandOver, BeginsAtOnceWhereNothingIsOnItsWay) {
  add_peer();
  ASSERT_TRUE(replica->transfer(kPeer));
  EXPECT_EQ(mailbox.count_timeout_now(), 1u);
}

}  // namespace
}  // namespace lode::raft
