// A peer that has every entry hears of a commit when it happens, not with the next heartbeat.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "log/memory_log.h"
#include "raft/recovery.h"
#include "raft/replica.h"

namespace lode::raft {
namespace {

constexpr record::GroupId kGroup{0};
constexpr NodeId kSelf{1}, kPeer{2};

// Keeps the AppendEntries that go to the peer.
class Mailbox final : public Network {
 public:
  void send(NodeId, const std::string&, Message message) override {
    auto* append = std::get_if<AppendEntries>(&message);
    if (append == nullptr) return;
    std::lock_guard lock(mutex_);
    sent_.push_back(std::move(*append));
    arrived_.notify_all();
  }
  template <typename Condition>
  std::optional<AppendEntries> wait_for(const Condition& condition) {
    std::unique_lock lock(mutex_);
    std::optional<AppendEntries> found;
    arrived_.wait_for(lock, std::chrono::seconds(20), [&] {
      for (; seen_ < sent_.size() && !found; ++seen_)
        if (condition(sent_[seen_])) found = sent_[seen_];
      return found.has_value();
    });
    return found;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<AppendEntries> sent_;
  size_t seen_ = 0;
};

struct Silent final : Listener {
  void committed(std::span<const Committed>) override {}
};

TEST(Commit, IsToldAtOnceToAPeerThatHasEverything) {
  log::MemoryLog log;
  Mailbox mailbox;
  Silent silent;
  bootstrap(log, kGroup, {{{kSelf, "a:1"}}});
  ReplicaSettings settings;
  settings.group.engine.id = kSelf;
  settings.group.engine.address = "a:1";
  settings.group.engine.election_ms = 600'000;
  settings.group.engine.heartbeat_ms = 300'000;  // none comes while the test runs
  Replica replica(settings, log, kGroup, mailbox, silent);
  replica.start({});
  ASSERT_EQ(replica.add_standby({kPeer, "b:2", Role::standby}), Changed::started);

  auto has_entry = [](uint64_t index) {
    return [index](const AppendEntries& append) {
      return append.prev_index.value + append.entries.size() >= index && !append.entries.empty();
    };
  };
  auto acknowledge = [&](const AppendEntries& append) {
    AppendEntriesResult result;
    result.term = append.term;
    result.last_index = {append.prev_index.value + append.entries.size()};
    replica.receive(kPeer, "b:2", result);
    return result.last_index;
  };
  // The probe is refused until the peer is sent the whole log.
  const auto probe = mailbox.wait_for([](const AppendEntries&) { return true; });
  ASSERT_TRUE(probe);
  if (probe->entries.empty() || probe->prev_index.value > 0) {
    AppendEntriesResult refusal;
    refusal.term = probe->term;
    refusal.rejected = probe->prev_index;
    replica.receive(kPeer, "b:2", refusal);
    const auto all = mailbox.wait_for(has_entry(1));
    ASSERT_TRUE(all);
    acknowledge(*all);
  } else {
    acknowledge(*probe);
  }

  auto payload = std::make_shared<const std::string>("batch");
  const Proposal proposal{*payload, payload, 1};
  ASSERT_EQ(replica.propose({&proposal, 1}), Proposed::taken);
  const record::EntryIndex last = replica.status().last;
  const auto append = mailbox.wait_for(has_entry(last.value));
  ASSERT_TRUE(append);
  acknowledge(*append);
  const auto told = mailbox.wait_for(
      [&](const AppendEntries& message) { return message.entries.empty() && message.leader_commit == last; });
  ASSERT_TRUE(told);
  EXPECT_EQ(told->prev_index, last);
}

}  // namespace
}  // namespace lode::raft
