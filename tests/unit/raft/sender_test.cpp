// Where the entries come from that go to a peer.
#include "raft/sender.h"

#include <gtest/gtest.h>

namespace lode::raft {
namespace {

constexpr NodeId kPeer{2};

struct Sent final : Network {
  void send(NodeId, const std::string&, Message message) override {
    messages.push_back(std::get<AppendEntries>(std::move(message)));
  }
  std::vector<AppendEntries> messages;
};

struct Asked final : Storage {
  void save_vote(record::Term, NodeId) override {}
  void append(record::EntryIndex, std::vector<Entry>, uint64_t) override {}
  void read(const ReadRequest& request) override { requests.push_back(request); }
  void save_floor(const Snapshot&) override {}
  void install(const Snapshot&) override {}
  std::vector<ReadRequest> requests;
};

Entry entry(uint64_t term) { return {{term}, log::EntryType::batch, "x", nullptr}; }

class SenderTest : public testing::Test {
 protected:
  // The tail has entries 5 to 7.
  void SetUp() override {
    tail.reset({5});
    for (int i = 0; i < 3; ++i) tail.push(entry(2));
  }
  Tail tail;
  Asked disk;
  Sent sent;
  Sender sender{tail, disk, sent, 1 << 20};
};

TEST_F(SenderTest, WhatTheTailHasIsSentAtOnce) {
  sender.append(kPeer, "b:2", {{3}, {4}, {1}, {4}, {}}, 3);
  ASSERT_EQ(sent.messages.size(), 1u);
  EXPECT_EQ(sent.messages[0].entries.size(), 3u);
  EXPECT_TRUE(disk.requests.empty());
}

// The disk may still have an older leader's entries where the tail has begun: their write is under way.
TEST_F(SenderTest, TheDiskIsAskedForNothingThatTheTailHas) {
  sender.append(kPeer, "b:2", {{3}, {2}, {1}, {4}, {}}, 5);
  ASSERT_EQ(disk.requests.size(), 1u);
  EXPECT_EQ(disk.requests[0].first.value, 3u);
  EXPECT_EQ(disk.requests[0].count, 2u);
  sender.read_done(disk.requests[0], {entry(1), entry(1)});
  ASSERT_EQ(sent.messages.size(), 2u);
  EXPECT_EQ(sent.messages[0].entries.size(), 2u);
  EXPECT_EQ(sent.messages[1].prev_index.value, 4u);
  EXPECT_EQ(sent.messages[1].entries.size(), 3u);
  EXPECT_EQ(sent.messages[1].entries[0].term.value, 2u);
}

}  // namespace
}  // namespace lode::raft
