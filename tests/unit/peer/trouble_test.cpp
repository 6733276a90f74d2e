// What others do wrong: refused hellos, garbage, silence, readers that don't read. None of it may cost
// anybody else anything.
#include <gmock/gmock.h>

#include <atomic>

#include "unit/peer/examples.h"
#include "unit/peer/nodes.h"

namespace lode::peer {
namespace {

using testing::HasSubstr;

// Node 1, which knows nodes 2 and 3; nobody is at their addresses until a test says so.
Settings node_one() {
  Settings settings = test_settings(1);
  settings.peers = {{{2}, "127.0.0.1:1"}, {{3}, "127.0.0.1:1"}};
  settings.timing.silence = kPatience;  // bare sockets send no pings
  return settings;
}

Refusal refusal_of(BareSocket& socket) {
  const auto frame = socket.receive();
  if (!frame) throw std::runtime_error("closed without a word");
  return decode_refusal(*frame);
}

Refusal refusal_for(TestNode& node, const Hello& hello) {
  BareSocket socket = BareSocket::connect_to(node.network->address());
  socket.send(encode(hello));
  Refusal refusal = refusal_of(socket);
  EXPECT_TRUE(socket.is_closed_by_other());
  return refusal;
}

TEST(PeerHello, IsRefusedWithCodeAndSentence) {
  TestNode node(node_one(), {}, [](const Caller& caller) {
    return "node " + std::to_string(caller.node.value) + " is a stranger";
  });
  Hello hello = hello_to(1, 2);
  hello.oldest_version = hello.newest_version = 0;
  EXPECT_EQ(refusal_for(node, hello).code, RefusalCode::protocol_too_old);
  hello.oldest_version = hello.newest_version = 9;
  const Refusal too_new = refusal_for(node, hello);
  EXPECT_EQ(too_new.code, RefusalCode::protocol_too_new);
  EXPECT_THAT(too_new.sentence, HasSubstr("needs at least version 9"));
  hello = hello_to(1, 2);
  hello.cluster = test_cluster(8);
  EXPECT_EQ(refusal_for(node, hello).code, RefusalCode::other_cluster);
  EXPECT_EQ(refusal_for(node, hello_to(5, 2)).code, RefusalCode::wrong_node);
  EXPECT_EQ(refusal_for(node, hello_to(1, 1)).code, RefusalCode::own_id);
  const Refusal unknown = refusal_for(node, hello_to(1, 6));
  EXPECT_EQ(unknown.code, RefusalCode::unknown_node);
  EXPECT_EQ(unknown.sentence, "node 6 is a stranger");
}

TEST(PeerHello, OneIdIsForOneProcess) {
  TestNode node(node_one());
  auto first = std::make_unique<BareSocket>(BareSocket::connect_to(node.network->address()));
  first->send(encode(hello_to(1, 2)));
  EXPECT_EQ(first->receive()->type, FrameType::welcome);
  Hello other = hello_to(1, 2);
  other.incarnation = 78;
  EXPECT_EQ(refusal_for(node, other).code, RefusalCode::connected_twice);

  // The same process: the new connection takes the old one's place.
  BareSocket second = BareSocket::connect_to(node.network->address());
  second.send(encode(hello_to(1, 2)));
  EXPECT_EQ(second.receive()->type, FrameType::welcome);
  EXPECT_TRUE(first->is_closed_by_other());

  // After the process has gone another may come.
  { BareSocket gone(std::move(second)); }
  EXPECT_TRUE(eventually([&] { return !node.link(2).heard; }));
  BareSocket third = BareSocket::connect_to(node.network->address());
  third.send(encode(other));
  EXPECT_EQ(third.receive()->type, FrameType::welcome);
}

TEST(PeerHello, AVanishedMachineIsForgottenAfterTheSilence) {
  Settings settings = node_one();
  settings.timing.silence = 200ms;
  TestNode node(settings);
  BareSocket vanished = BareSocket::connect_to(node.network->address());
  vanished.send(encode(hello_to(1, 2)));
  EXPECT_EQ(vanished.receive()->type, FrameType::welcome);
  Hello restarted = hello_to(1, 2);
  restarted.incarnation = 78;
  EXPECT_TRUE(eventually([&] {
    BareSocket again = BareSocket::connect_to(node.network->address());
    again.send(encode(restarted));
    return again.receive()->type == FrameType::welcome;
  }));
}

TEST(PeerTrouble, GarbageCostsOnlyItsOwnConnection) {
  TestNode node(node_one());
  BareSocket good = BareSocket::connect_to(node.network->address());
  good.send(encode(hello_to(1, 2)));
  EXPECT_EQ(good.receive()->type, FrameType::welcome);

  std::string flipped = sealed(encode(raft::Message(example_append())));
  flipped[40] = static_cast<char>(flipped[40] ^ 1);
  OutFrame large(FrameType::hello);
  large.head.append(kMaxGreetingBytes + 1, 'x');
  const std::vector<std::string> greetings{"GET / HTTP/1.1\r\n\r\n", "\n", std::string(100, '\0'),
                                           sealed(encode(raft::Message(raft::TimeoutNow{}))), sealed(large)};
  for (const std::string& garbage : greetings) {
    BareSocket bad = BareSocket::connect_to(node.network->address());
    bad.send(garbage);
    EXPECT_TRUE(bad.is_closed_by_other());
  }
  for (const std::string& garbage :
       {flipped, sealed(encode(Welcome{})), std::string("LPxx") + std::string(20, 'x'),
        sealed(encode(hello_to(1, 3)))}) {
    BareSocket bad = BareSocket::connect_to(node.network->address());
    bad.send(encode(hello_to(1, 3)));
    EXPECT_EQ(bad.receive()->type, FrameType::welcome);
    bad.send(garbage);
    EXPECT_TRUE(bad.is_closed_by_other());
    EXPECT_TRUE(eventually([&] { return !node.link(3).heard; }));
  }
  good.send(encode(raft::Message(raft::TimeoutNow{{4}, {}, {}})));
  EXPECT_EQ(node.messages(1).size(), 1u);
}

TEST(PeerTrouble, OneByteAtATime) {
  TestNode node(node_one());
  BareSocket slow = BareSocket::connect_to(node.network->address());
  const raft::Message message = append_of({"first", std::string(700, 'x'), "", "last"});
  for (const char byte : sealed(encode(hello_to(1, 2)))) slow.send(std::string_view(&byte, 1));
  EXPECT_EQ(slow.receive()->type, FrameType::welcome);
  for (const char byte : sealed(encode(message))) slow.send(std::string_view(&byte, 1));
  EXPECT_EQ(sealed(encode(node.messages(1)[0].message)), sealed(encode(message)));
}

TEST(PeerTrouble, WhoNeverSaysHelloIsClosed) {
  Settings settings = node_one();
  settings.timing.greeting = 100ms;
  TestNode node(settings);
  BareSocket mute = BareSocket::connect_to(node.network->address());
  EXPECT_TRUE(mute.is_closed_by_other());
}

TEST(PeerTrouble, WhoNeverAnswersHelloIsLeftAndTriedAgain) {
  BareListener listener;
  Settings settings = test_settings(1);
  settings.timing.greeting = 100ms;
  settings.peers = {{{2}, listener.address()}};
  TestNode node(settings);
  BareSocket first = listener.accept();
  EXPECT_EQ(first.receive()->type, FrameType::hello);
  EXPECT_TRUE(first.is_closed_by_other());
  EXPECT_TRUE(eventually([&] { return !node.link(2).last_error.empty(); }));
  EXPECT_THAT(node.link(2).last_error, HasSubstr("did not answer our hello in time"));
  BareSocket second = listener.welcome_next();
  EXPECT_TRUE(node.connects_to(2));
}

TEST(PeerTrouble, AHalfOpenConnectionIsNoticed) {
  BareListener listener;
  Settings settings = test_settings(1);
  settings.timing.silence = 200ms;
  settings.peers = {{{2}, listener.address()}};
  TestNode node(settings);
  BareSocket silent = listener.welcome_next();  // answers no ping
  EXPECT_TRUE(node.connects_to(2));
  EXPECT_EQ(node.call(2, 1, "?").outcome, Outcome::disconnected);
  EXPECT_THAT(node.link(2).last_error, HasSubstr("nothing was heard for 200 ms"));
  listener.welcome_next();
}

// A reader that reads nothing: what waits for it stays within its bound, the rest is dropped and counted,
// calls fail at once, and others are served meanwhile.
TEST(PeerTrouble, WhoDoesNotReadHasABoundedQueue) {
  BareListener listener;
  Settings settings = test_settings(1);
  settings.queue_bytes = 8u << 20;
  TestNode node(settings), other(test_settings(3));
  other.knows({node.as_peer()});
  node.knows({{{2}, listener.address()}, other.as_peer()});
  BareSocket stuck = listener.welcome_next();
  EXPECT_TRUE(node.connects_to(2) && node.connects_to(3));
  const raft::Message message = append_of({std::string(250'000, 'x')});
  uint64_t taken = 0, most = 0;
  for (int i = 0; i < 400; ++i) {
    if (node.network->send({2}, message)) ++taken;
    most = std::max(most, node.link(2).queued_bytes);
    EXPECT_TRUE(node.send(3, raft::TimeoutNow{{7}, {}, {}}));
  }
  other.messages(400);
  EXPECT_LE(most, settings.queue_bytes);
  EXPECT_EQ(node.link(2).sent_messages, taken);
  EXPECT_EQ(node.link(2).dropped_messages, 400 - taken);
  EXPECT_GE(node.link(2).dropped_messages, 100u);
  const auto overloaded = std::make_shared<std::atomic<bool>>(false);
  EXPECT_TRUE(eventually([&] {  // the kernel takes some megabytes in first
    while (node.network->send({2}, message)) {
    }
    node.network->call({2}, 1, Bytes(std::string(3'000'000, 'x')), kPatience, [overloaded](Answer answer) {
      if (answer.code == "overloaded") *overloaded = true;
    });
    return overloaded->load();
  }));
  EXPECT_TRUE(eventually([&] { return node.link(2).connects > 0 && !node.link(2).connected; }));
  EXPECT_EQ(node.link(2).queued_bytes, 0u);
  EXPECT_EQ(node.link(3).connects, 1u);
}

TEST(PeerTrouble, AnswersThatNobodyReadsAreBounded) {
  Settings settings = node_one();
  settings.queue_bytes = 1u << 20;
  const std::map<uint8_t, Handler> handlers{
      {1, [](Request, Responder responder) { responder.ok(Bytes(std::string(1u << 19, 'x'))); }}};
  TestNode node(settings, handlers);
  BareSocket greedy = BareSocket::connect_to(node.network->address());
  greedy.send(encode(hello_to(1, 2)));
  EXPECT_EQ(greedy.receive()->type, FrameType::welcome);
  for (uint64_t id = 0; id < 200; ++id) greedy.send(encode_request({id, 1000, 1}, {}));
  int whole = 0, overloaded = 0;
  for (uint64_t id = 0; id < 200; ++id) {
    const auto frame = greedy.receive();
    ASSERT_TRUE(frame);
    const ResponseIn response = decode_response(*frame);
    if (response.answer.outcome == Outcome::ok)
      ++whole;
    else if (response.answer.code == "overloaded")
      ++overloaded;
  }
  EXPECT_EQ(whole + overloaded, 200);
  EXPECT_GT(overloaded, 0);
}

TEST(PeerTrouble, AMessageLargerThanAFrame) {
  TestNode one(test_settings(1)), two(test_settings(2));
  join(one, two);
  const auto large = std::make_shared<const std::string>(20u << 20, 'x');
  raft::AppendEntries message;
  for (int i = 0; i < 4; ++i) message.entries.push_back({{1}, log::EntryType::batch, *large, large});
  EXPECT_FALSE(one.network->send({2}, message));
  EXPECT_EQ(one.link(2).dropped_messages, 1u);
  EXPECT_TRUE(one.link(2).connected);
}

}  // namespace
}  // namespace lode::peer
