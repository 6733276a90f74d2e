#include "raft/replica.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "log/memory_log.h"

namespace lode::raft {
namespace {

constexpr record::GroupId kGroup{0};
constexpr auto kPatience = std::chrono::seconds(20);

Proposal proposal(std::string text, uint64_t cookie) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  return {*owner, owner, cookie};
}

// What a listener was told, to wait for.
class Ear final : public Listener {
 public:
  explicit Ear(log::Log& log) : log_(log) {}
  void committed(std::span<const Committed> entries) override {
    std::lock_guard lock(mutex_);
    for (const Committed& entry : entries) {
      for (uint64_t i = entry.first.value; i <= entry.last.value; ++i) {
        const auto stored = entry.entry ? std::nullopt : log_.read(kGroup, {i});
        const auto type = entry.entry ? entry.entry->type : stored->type;
        if (type == log::EntryType::batch)
          texts_.push_back(entry.entry ? std::string(entry.entry->payload) : stored->payload);
      }
      if (entry.cookie) cookies.push_back(*entry.cookie);
    }
    thread = std::this_thread::get_id();
    heard_.notify_all();
  }
  bool wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    return heard_.wait_for(lock, kPatience, [&] { return texts_.size() >= count; });
  }
  std::vector<std::string> texts() {
    std::lock_guard lock(mutex_);
    return texts_;
  }
  std::vector<uint64_t> cookies;
  std::thread::id thread;

 private:
  log::Log& log_;
  std::mutex mutex_;
  std::condition_variable heard_;
  std::vector<std::string> texts_;
};

// Carries messages between replicas, each to its own thread.
class Wires {
 public:
  class Wire final : public Network {
   public:
    Wire(Wires& wires, NodeId from) : wires_(wires), from_(from) {}
    void send(NodeId to, const std::string&, Message message) override {
      wires_.put(from_, to, std::move(message));
    }

   private:
    Wires& wires_;
    NodeId from_;
  };
  void attach(NodeId id, Replica* replica) {
    std::lock_guard lock(mutex_);
    replicas_[id] = replica;
    threads_.emplace_back([this, id] { run(id); });
  }
  void detach() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      wake_.notify_all();
    }
    for (auto& thread : threads_) thread.join();
  }
  void cut(NodeId id) {
    std::lock_guard lock(mutex_);
    cut_ = id;
  }

 private:
  void put(NodeId from, NodeId to, Message message) {
    std::lock_guard lock(mutex_);
    if (from == cut_ || to == cut_) return;
    waiting_[to].push_back({from, std::move(message)});
    wake_.notify_all();
  }
  void run(NodeId id) {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return stopping_ || !waiting_[id].empty(); });
      if (stopping_) return;
      auto [from, message] = std::move(waiting_[id].front());
      waiting_[id].pop_front();
      lock.unlock();
      replicas_.at(id)->receive(from, "n" + std::to_string(from.value), std::move(message));
      lock.lock();
    }
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<NodeId, Replica*> replicas_;
  std::map<NodeId, std::deque<std::pair<NodeId, Message>>> waiting_;
  std::vector<std::thread> threads_;
  NodeId cut_;
  bool stopping_ = false;
};

ReplicaSettings settings_of(uint64_t id) {
  ReplicaSettings settings;
  settings.group.engine.id = {id};
  settings.group.engine.election_ms = 1000;  // a busy machine is no reason for another leader
  settings.group.engine.address = "n" + std::to_string(id);
  return settings;
}

TEST(Replica, ASingleVoterCommitsOnTheThreadThatProposes) {
  log::MemoryLog log;
  Wires wires;
  Wires::Wire wire(wires, {1});
  bootstrap(log, kGroup, {{{{1}, "n1"}}});
  for (int round = 0; round < 2; ++round) {
    Ear ear(log);
    Replica replica(settings_of(1), log, kGroup, wire, ear);
    replica.start({});
    const std::vector<Proposal> two{proposal("a", 7), proposal("b", 8)};
    ASSERT_EQ(replica.propose(two), Proposed::taken);
    ASSERT_TRUE(ear.wait_for(2 + static_cast<size_t>(round) * 2));
    EXPECT_EQ(ear.cookies, (std::vector<uint64_t>{7, 8}));
    EXPECT_EQ(ear.thread, std::this_thread::get_id());
    EXPECT_EQ(replica.status().commit, replica.status().last);
    EXPECT_EQ(replica.leader()->id.value, 1u);
  }
}

TEST(Replica, WhatIsAppliedIsNotToldAgain) {
  log::MemoryLog log;
  Wires wires;
  Wires::Wire wire(wires, {1});
  bootstrap(log, kGroup, {{{{1}, "n1"}}});
  record::EntryIndex applied;
  {
    Ear ear(log);
    Replica replica(settings_of(1), log, kGroup, wire, ear);
    replica.start({});
    const Proposal one = proposal("a", 1);
    replica.propose({&one, 1});
    applied = replica.status().commit;
    EXPECT_EQ(replica.prune({applied.value}), applied);
    EXPECT_EQ(log.first_index(kGroup).value, applied.value + 1);
  }
  Ear ear(log);
  Replica replica(settings_of(1), log, kGroup, wire, ear);
  replica.start(applied);
  const Proposal one = proposal("b", 1);
  replica.propose({&one, 1});
  ASSERT_TRUE(ear.wait_for(1));
  EXPECT_EQ(ear.texts(), std::vector<std::string>{"b"});
}

TEST(Replica, ThreeNodesHoldTheSameWhenTheLeaderIsCutOff) {
  const Configuration three{{{{1}, "n1"}, {{2}, "n2"}, {{3}, "n3"}}};
  Wires wires;
  struct Home {
    Home(Wires& wires, uint64_t id, const Configuration& configuration)
        : wire(wires, {id}), ear(log), replica(settings_of(id), log, kGroup, wire, ear) {
      bootstrap(log, kGroup, configuration);
    }
    log::MemoryLog log;
    Wires::Wire wire;
    Ear ear;
    Replica replica;
  };
  std::map<uint64_t, std::unique_ptr<Home>> homes;
  for (uint64_t id = 1; id <= 3; ++id) homes[id] = std::make_unique<Home>(wires, id, three);
  for (auto& [id, home] : homes) home->replica.start({});
  for (auto& [id, home] : homes) wires.attach({id}, &home->replica);

  auto propose = [&](const std::string& text, uint64_t but) {
    const Proposal one = proposal(text, 1);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < until) {
      for (auto& [id, home] : homes) {
        if (id != but && home->replica.propose({&one, 1}) == Proposed::taken) return id;
      }
      std::this_thread::yield();
    }
    return uint64_t{0};
  };
  uint64_t leader = 0;
  for (int i = 0; i < 20; ++i) ASSERT_NE(leader = propose(std::to_string(i), 0), 0u);
  for (auto& [id, home] : homes) ASSERT_TRUE(home->ear.wait_for(20)) << id;
  wires.cut({leader});
  const uint64_t next = propose("after", leader);
  ASSERT_NE(next, 0u);
  for (auto& [id, home] : homes) {
    if (id == leader) continue;
    ASSERT_TRUE(home->ear.wait_for(21)) << id;
  }
  for (auto& [id, home] : homes) {
    if (id == leader) continue;
    EXPECT_EQ(home->ear.texts(), homes[next]->ear.texts());
  }
  wires.detach();
}

}  // namespace
}  // namespace lode::raft
