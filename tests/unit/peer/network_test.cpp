// Two and three nodes that talk over loopback sockets, plain and under TLS.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <random>
#include <thread>

#include "unit/peer/certificates.h"
#include "unit/peer/examples.h"
#include "unit/peer/nodes.h"

namespace lode::peer {
namespace {

using testing::HasSubstr;

class Talking : public testing::TestWithParam<bool> {
 protected:
  Settings settings(uint64_t node) {
    Settings out = test_settings(node);
    if (GetParam()) out.tls = ca_.issue("lode-node-" + std::to_string(node));
    return out;
  }

  TestCa ca_;
};

INSTANTIATE_TEST_SUITE_P(Network, Talking, testing::Bool(),
                         [](const auto& tls) { return tls.param ? "Tls" : "Plain"; });

TEST_P(Talking, EveryKindOfMessageBothWays) {
  TestNode one(settings(1)), two(settings(2));
  join(one, two);
  std::vector<raft::Message> sent;
  for (const Example& example : examples()) {
    if (!is_raft(example.frame.type)) continue;
    const std::string bytes = sealed(example.frame).substr(kHeaderBytes);
    sent.push_back(decode_message({example.frame.type, bytes, nullptr}));
    // What the message points to is in `bytes`; send a copy that owns it.
    if (auto* append = std::get_if<raft::AppendEntries>(&sent.back())) *append = example_append();
    EXPECT_TRUE(one.send(2, sent.back()));
    EXPECT_TRUE(two.send(1, sent.back()));
  }
  for (TestNode* node : {&one, &two}) {
    const auto came = node->messages(sent.size());
    ASSERT_EQ(came.size(), sent.size());
    for (size_t i = 0; i < sent.size(); ++i) {
      EXPECT_EQ(came[i].from.value, 3 - node->id.value);
      EXPECT_EQ(sealed(encode(came[i].message)), sealed(encode(sent[i]))) << i;
    }
  }
}

TEST_P(Talking, LargeAppendEntriesArriveByteForByte) {
  TestNode one(settings(1)), two(settings(2));
  join(one, two);
  std::mt19937_64 random(5);
  std::vector<raft::Message> sent;
  for (int round = 0; round < 4; ++round) {
    std::vector<std::string> payloads;
    for (int entry = 0; entry < 400; ++entry) {
      std::string payload(random() % 30'000, '\0');
      for (char& byte : payload) byte = static_cast<char>(random());
      payloads.push_back(std::move(payload));
    }
    sent.emplace_back(append_of(payloads));
    EXPECT_TRUE(one.send(2, sent.back()));
  }
  const auto came = two.messages(sent.size());
  for (size_t i = 0; i < sent.size(); ++i)
    EXPECT_TRUE(sealed(encode(came[i].message)) == sealed(encode(sent[i]))) << i;
  const auto& entries = std::get<raft::AppendEntries>(came[0].message).entries;
  ASSERT_EQ(entries.size(), 400u);
  for (const auto& entry : entries) EXPECT_EQ(entry.owner, entries[0].owner);
}

TEST_P(Talking, StatusTellsTheLink) {
  Settings first = settings(1), second = settings(2);
  first.features = 6;
  second.features = 3;
  TestNode one(first), two(second);
  join(one, two);
  EXPECT_TRUE(one.send(2, raft::TimeoutNow{}));
  two.messages(1);
  EXPECT_TRUE(eventually([&] { return one.link(2).round_trip_micros && one.link(2).queued_bytes == 0; }));
  const LinkStatus link = one.link(2);
  EXPECT_EQ(link.address, two.network->address());
  EXPECT_EQ(link.software, "1.2.3");
  EXPECT_EQ(link.version, 1);
  EXPECT_EQ(link.features, 2u);
  EXPECT_EQ(link.sent_messages, 1u);
  EXPECT_EQ(link.connects, 1u);
  EXPECT_TRUE(link.heard);
  EXPECT_GT(link.sent_bytes, 0u);
  EXPECT_GT(link.since_micros, 0);
  EXPECT_LT(*link.round_trip_micros, 10'000'000);
}

TEST_P(Talking, CallsAreAnswered) {
  std::promise<Responder> kept;
  const std::map<uint8_t, Handler> handlers{
      {1, [](Request request, Responder responder) { responder.ok(request.body); }},
      {2,
       [](Request, Responder responder) {
         responder.fail("not_leader", "Node 3 leads.", Bytes(std::string("3")));
       }},
      {3, [](Request, Responder) {}},
      {4, [&](Request, Responder responder) { kept.set_value(std::move(responder)); }}};
  TestNode one(settings(1)), two(settings(2), handlers);
  join(one, two);

  const std::string large(3'000'000, 'x');
  EXPECT_TRUE(one.call(2, 1, large).body.view == large);
  EXPECT_EQ(one.call(2, 1, "").outcome, Outcome::ok);

  const Answer failed = one.call(2, 2, "?");
  EXPECT_EQ(failed.outcome, Outcome::failed);
  EXPECT_EQ(failed.code, "not_leader");
  EXPECT_EQ(failed.detail, "Node 3 leads.");
  EXPECT_EQ(failed.body.view, "3");

  EXPECT_EQ(one.call(2, 3, "?").code, "unanswered");
  EXPECT_EQ(one.call(2, 99, "?").outcome, Outcome::unhandled);
  EXPECT_EQ(one.call(7, 1, "?").code, "unknown_node");

  // From another thread, later.
  auto late = std::async(std::launch::async, [&] { return one.call(2, 4, "?"); });
  Responder responder = kept.get_future().get();
  std::thread([&] { responder.ok(Bytes(std::string("at last"))); }).join();
  responder.fail("twice", "The first answer counts.");
  EXPECT_EQ(late.get().body.view, "at last");
}

TEST_P(Talking, ManyCallsAtOnceAndTheirTimeouts) {
  std::mutex mutex;
  std::vector<Responder> never;
  const std::map<uint8_t, Handler> handlers{
      {1, [](Request request, Responder responder) { responder.ok(request.body); }},
      {2, [&](Request, Responder responder) {
         std::lock_guard lock(mutex);
         never.push_back(std::move(responder));
       }}};
  TestNode one(settings(1)), two(settings(2), handlers);
  join(one, two);
  constexpr int kThreads = 4, kEach = 500;
  std::atomic<int> right{0}, late{0}, other{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const std::string body = std::to_string(thread) + "/" + std::to_string(i);
        const bool unanswered = i % 10 == 0;
        one.network->call({2}, unanswered ? 2 : 1, Bytes(body), unanswered ? 20ms : 30'000ms,
                          [&, body, unanswered](Answer answer) {
                            if (unanswered && answer.outcome == Outcome::timed_out)
                              ++late;
                            else if (!unanswered && answer.body.view == body)
                              ++right;
                            else
                              ++other;
                          });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(eventually([&] { return right + late + other == kThreads * kEach; }));
  EXPECT_EQ(right, kThreads * kEach * 9 / 10);
  EXPECT_EQ(late, kThreads * kEach / 10);
}

TEST_P(Talking, ConnectsAgainAfterTheOtherRestarts) {
  Settings second = settings(2);
  TestNode one(settings(1));
  auto two =
      std::make_unique<TestNode>(second, std::map<uint8_t, Handler>{{3, [](Request, Responder responder) {
                                                                       static std::vector<Responder> kept;
                                                                       kept.push_back(std::move(responder));
                                                                     }}});
  join(one, *two);
  second.listen = two->network->address();
  second.peers = {one.as_peer()};
  auto waiting = std::async(std::launch::async, [&] { return one.call(2, 3, "?"); });
  EXPECT_TRUE(eventually([&] { return one.link(2).calls == 1 && one.link(2).queued_bytes == 0; }));
  two = nullptr;
  EXPECT_EQ(waiting.get().outcome, Outcome::disconnected);
  EXPECT_TRUE(eventually([&] { return !one.link(2).connected; }));
  EXPECT_FALSE(one.network->send({2}, raft::TimeoutNow{}));
  EXPECT_EQ(one.call(2, 1, "?").code, "not_connected");

  two = std::make_unique<TestNode>(second);
  EXPECT_TRUE(one.send(2, raft::TimeoutNow{{9}, {9}, {9}}));
  EXPECT_EQ(std::get<raft::TimeoutNow>(two->messages(1)[0].message).term.value, 9u);
  EXPECT_EQ(one.link(2).connects, 2u);
}

TEST_P(Talking, PeersChangeWhileTrafficFlows) {
  TestNode one(settings(1)), two(settings(2)), three(settings(3));
  one.knows({two.as_peer(), three.as_peer()});
  two.knows({one.as_peer()});
  three.knows({one.as_peer()});
  EXPECT_TRUE(one.connects_to(2) && one.connects_to(3));
  std::atomic<bool> ending{false};
  std::thread traffic([&] {
    while (!ending) {
      one.network->send({2}, raft::TimeoutNow{});
      one.network->send({3}, append_of({std::string(10'000, 'x')}));
      one.network->call({3}, 1, Bytes(std::string("?")), 1s, [](Answer) {});
    }
  });
  for (int round = 0; round < 20; ++round) {
    one.knows({two.as_peer()});
    EXPECT_TRUE(eventually([&] { return one.network->links().size() == 1; }));
    const size_t before = three.message_count();
    one.knows({two.as_peer(), three.as_peer(), one.as_peer()});
    EXPECT_TRUE(eventually([&] { return three.message_count() > before; }));
  }
  ending = true;
  traffic.join();
  EXPECT_EQ(one.link(2).connects, 1u);  // who stays is left alone
}

TEST_P(Talking, StopsWhileCallsWait) {
  TestNode one(settings(1)), two(settings(2));
  join(one, two);
  std::atomic<int> ended{0};
  for (int i = 0; i < 100; ++i)
    one.network->call({2}, 1, Bytes(std::string("?")), kPatience, [&](Answer) { ++ended; });
  one.network->stop();
  EXPECT_EQ(ended, 100);
  EXPECT_EQ(one.call(2, 1, "?").outcome, Outcome::not_sent);
  EXPECT_FALSE(one.network->send({2}, raft::TimeoutNow{}));
}

TEST_P(Talking, StopsWhileItsPeersChange) {
  TestNode two(settings(2));
  for (int round = 0; round < 20; ++round) {
    TestNode one(settings(1));
    std::atomic<bool> ending{false};
    std::thread changes([&] {
      while (!ending) {
        one.knows({two.as_peer()});
        one.knows({});
      }
    });
    EXPECT_TRUE(eventually([&] { return !one.network->links().empty(); }));
    one.network->stop();
    ending = true;
    changes.join();
  }
}

TEST_P(Talking, AnAnswerMayComeAfterTheEnd) {
  auto kept = std::make_shared<std::promise<Responder>>();
  TestNode one(settings(1));
  auto two = std::make_unique<TestNode>(
      settings(2), std::map<uint8_t, Handler>{
                       {1, [kept](Request, Responder responder) { kept->set_value(std::move(responder)); }}});
  join(one, *two);
  auto answer = std::async(std::launch::async, [&] { return one.call(2, 1, "?"); });
  const Responder responder = kept->get_future().get();
  two = nullptr;
  responder.ok(Bytes(std::string("too late")));
  EXPECT_EQ(answer.get().outcome, Outcome::disconnected);
}

TEST(Network, ANodeOfNoClusterIsTakenInByOne) {
  TestNode leader(test_settings(1));
  std::promise<Caller> called;
  Settings fresh = test_settings(4);
  fresh.cluster = {};
  TestNode node(fresh, {}, [&](const Caller& caller) -> std::optional<std::string> {
    called.set_value(caller);
    return std::nullopt;
  });
  leader.knows({node.as_peer()});
  const Caller caller = called.get_future().get();
  EXPECT_EQ(caller.node.value, 1u);
  EXPECT_EQ(caller.cluster, test_cluster());
  EXPECT_EQ(caller.address, leader.network->address());
  node.network->set_cluster(caller.cluster);
  node.knows({{caller.node, caller.address}});
  EXPECT_TRUE(node.connects_to(1));
  EXPECT_TRUE(leader.send(4, raft::TimeoutNow{}));
  node.messages(1);
}

TEST(Network, OfAnotherCluster) {
  Settings other = test_settings(2);
  other.cluster = test_cluster(9);
  TestNode one(test_settings(1)), two(other);
  one.knows({two.as_peer()});
  EXPECT_TRUE(eventually([&] { return !one.link(2).last_error.empty(); }));
  EXPECT_THAT(one.link(2).last_error, HasSubstr("refused us (other_cluster)"));
  EXPECT_THAT(one.link(2).last_error, HasSubstr(test_cluster(9).text()));
}

TEST(Network, AnAddressThatIsTakenOrNone) {
  TestNode one(test_settings(1));
  Settings same = test_settings(2);
  same.listen = one.network->address();
  EXPECT_THROW(TestNode two(same), std::runtime_error);
  same.listen = "here";
  EXPECT_THROW(TestNode two(same), std::runtime_error);
}

}  // namespace
}  // namespace lode::peer
