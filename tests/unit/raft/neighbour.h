// A replica that leads, and its peer, for which the test speaks. No heartbeat and no election comes while a
// test runs: what is sent is sent for a reason.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "log/memory_log.h"
#include "raft/configuration.h"
#include "raft/recovery.h"
#include "raft/replica.h"

namespace lode::raft {

// Keeps what goes to the peer.
class Mailbox final : public Network {
 public:
  void send(NodeId, const std::string&, Message message) override {
    std::lock_guard lock(mutex_);
    sent_.push_back(std::move(message));
    arrived_.notify_all();
  }
  // The first one that is wanted, behind those that were looked at before.
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
  template <typename Kind>
  size_t count() const {
    std::lock_guard lock(mutex_);
    size_t count = 0;
    for (const Message& message : sent_) count += std::holds_alternative<Kind>(message) ? 1 : 0;
    return count;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Message> sent_;
  size_t seen_ = 0;
};

class WithNeighbour : public testing::Test {
 protected:
  static constexpr record::GroupId kGroup{0};
  static constexpr NodeId kSelf{1}, kPeer{2};

  WithNeighbour() {
    bootstrap(log, kGroup, {{{kSelf, "a:1"}}});
    settings.group.engine.id = kSelf;
    settings.group.engine.address = "a:1";
    settings.group.engine.election_ms = 600'000;
    settings.group.engine.heartbeat_ms = 300'000;
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
  // Until this node's own disk has the entry.
  void wait_persisted(uint64_t index) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (replica->status().persisted.value < index && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    ASSERT_GE(replica->status().persisted.value, index);
  }
  // The peer is a standby with every entry. It refuses the probe until it is sent the whole log.
  void add_standby() {
    ASSERT_EQ(replica->add_standby({kPeer, "b:2", Role::standby}), Changed::started);
    const auto probe = mailbox.wait_for<AppendEntries>([](const AppendEntries&) { return true; });
    ASSERT_TRUE(probe);
    AppendEntriesResult refusal;
    refusal.term = probe->term;
    refusal.rejected = probe->prev_index;
    if (probe->prev_index.value > 0) replica->receive(kPeer, "b:2", refusal);
    const uint64_t last = replica->status().last.value;
    acknowledge(probe->prev_index.value > 0 ? sent(last).term : probe->term, last);
    wait_persisted(last);  // and thus committed: the only voter is this node
  }
  // A voter with every entry.
  void add_voter() {
    add_standby();
    const uint64_t last = replica->status().last.value;
    ASSERT_EQ(replica->promote(kPeer), Changed::started);
    acknowledge(sent(last + 1).term, last + 1);
    ASSERT_TRUE(ear.wait_for_voters(2));
  }
  // The entry's index.
  uint64_t propose(uint64_t cookie = 1) {
    auto payload = std::make_shared<const std::string>("batch");
    const Proposal proposal{*payload, payload, cookie};
    EXPECT_EQ(replica->propose({&proposal, 1}), Proposed::taken);
    return replica->status().last.value;
  }

  // Hears of what is committed.
  class Ear final : public Listener {
   public:
    void committed(std::span<const Committed> entries) override {
      std::lock_guard lock(mutex_);
      committed_ = entries.back().last;
      for (const Committed& entry : entries)
        if (entry.cookie) cookies_.push_back(*entry.cookie);
      heard_.notify_all();
    }
    void lost(std::span<const uint64_t> cookies) override {
      std::lock_guard lock(mutex_);
      lost_.insert(lost_.end(), cookies.begin(), cookies.end());
    }
    void configured(const Configuration& configuration, record::EntryIndex) override {
      std::lock_guard lock(mutex_);
      voters_ = voters(configuration);
      heard_.notify_all();
    }
    bool wait_for_voters(size_t count) {
      std::unique_lock lock(mutex_);
      return heard_.wait_for(lock, std::chrono::seconds(20), [&] { return voters_ == count; });
    }
    bool wait_for_entry(uint64_t index) {
      std::unique_lock lock(mutex_);
      return heard_.wait_for(lock, std::chrono::seconds(20), [&] { return committed_.value >= index; });
    }

    std::vector<uint64_t> cookies() {
      std::lock_guard lock(mutex_);
      return cookies_;
    }
    std::vector<uint64_t> lost() {
      std::lock_guard lock(mutex_);
      return lost_;
    }

   private:
    std::mutex mutex_;
    std::condition_variable heard_;
    record::EntryIndex committed_;
    std::vector<uint64_t> cookies_, lost_;
    size_t voters_ = 0;
  };

  log::MemoryLog log;
  Mailbox mailbox;
  Ear ear;
  ReplicaSettings settings;
  std::optional<Replica> replica;
};

}  // namespace lode::raft
