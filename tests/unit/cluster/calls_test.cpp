// Everything that nodes say to each other comes back as it was, and damaged bytes are refused, not read.
#include "cluster/calls.h"

#include <gtest/gtest.h>

#include "cluster/facts.h"
#include "cluster/join.h"
#include "peer/fields.h"

namespace lode::cluster {
namespace {

Facts some_facts() {
  Facts facts;
  facts.cluster.bytes = {1, 2, 3};
  facts.node = {7};
  facts.place = Place::leader;
  facts.term = 4;
  facts.leader = {7};
  facts.commit = 10;
  facts.last = 12;
  facts.floor = 3;
  facts.applied = 9;
  facts.applied_offset = 1234;
  facts.state_hash = {(static_cast<unsigned __int128>(5) << 64) | 6};
  facts.level = 1;
  facts.newest_level = 2;
  facts.ruleset_hash = 99;
  facts.build = {77, 5, 10, true};
  facts.fetched_bytes = 3;
  facts.fetch_bytes = 4;
  facts.http = "127.0.0.1:7070";
  facts.tcp = "127.0.0.1:7071";
  facts.software = "0.4.0";
  facts.trouble = "none";
  facts.marks = {{16, {1}}, {32, {static_cast<unsigned __int128>(1) << 127}}};
  return facts;
}

TEST(Calls, FactsComeBackAsTheyWere) {
  const Facts in = some_facts(), out = decode_facts(encode(in));
  EXPECT_EQ(out.cluster, in.cluster);
  EXPECT_EQ(out.node, in.node);
  EXPECT_EQ(out.place, in.place);
  EXPECT_EQ(out.leader, in.leader);
  EXPECT_EQ(out.applied, in.applied);
  EXPECT_EQ(out.applied_offset, in.applied_offset);
  EXPECT_EQ(out.state_hash, in.state_hash);
  EXPECT_EQ(out.newest_level, in.newest_level);
  EXPECT_EQ(out.build.ruleset_hash, in.build.ruleset_hash);
  EXPECT_TRUE(out.build.caught_up);
  EXPECT_EQ(out.fetch_bytes, in.fetch_bytes);
  EXPECT_EQ(out.http, in.http);
  EXPECT_EQ(out.trouble, in.trouble);
  EXPECT_EQ(out.marks, in.marks);
  EXPECT_EQ(encode(out), encode(in));
}

TEST(Calls, WhatANewerProgramAddsIsIgnored) {
  EXPECT_EQ(decode_facts(encode(some_facts()) + "more").trouble, "none");
  FactsRequest request{{}, {3}, true, "127.0.0.1:1"};
  const FactsRequest out = decode_facts_request(encode(request) + "more");
  EXPECT_TRUE(out.joined);
  EXPECT_EQ(out.address, "127.0.0.1:1");
}

TEST(Calls, CutShortIsRefusedAtEveryLength) {
  const std::string facts = encode(some_facts());
  for (size_t size = 0; size < facts.size(); ++size)
    EXPECT_THROW(decode_facts(facts.substr(0, size)), peer::BadFrame) << size;
  const std::string join = encode(Join{{{9}}, "0123456789abcdef", "rules", {1, 2, 3}});
  for (size_t size = 0; size < join.size(); ++size)
    EXPECT_THROW(decode_join(join.substr(0, size)), peer::BadFrame) << size;
}

TEST(Calls, JoinComesBackAsItWas) {
  const Join in{{{9}}, "0123456789abcdef", "rules", {1, 2, 300}};
  const Join out = decode_join(encode(in));
  EXPECT_EQ(out.cluster, in.cluster);
  EXPECT_EQ(out.secret, in.secret);
  EXPECT_EQ(out.controls, in.controls);
  EXPECT_EQ(out.members, in.members);
}

TEST(Calls, PayloadsKeepTheirOrderAndBytes) {
  std::vector<std::shared_ptr<const std::string>> in{std::make_shared<const std::string>("one"),
                                                     std::make_shared<const std::string>(),
                                                     std::make_shared<const std::string>(70'000, 'x')};
  const auto out = decode_payloads(encode_payloads(in));
  ASSERT_EQ(out.size(), in.size());
  for (size_t i = 0; i < in.size(); ++i) EXPECT_EQ(*out[i], *in[i]);
  EXPECT_THROW(decode_payloads(encode_payloads(in) + "x"), peer::BadFrame);
  EXPECT_THROW(decode_payloads(std::string("\xff\xff\xff\xff", 4)), peer::BadFrame);
}

TEST(Calls, CommandsAndAnswersComeBackAsTheyWere) {
  const Command command = decode_command(encode(Command{"add", 4, "10.0.0.4:7072", "body"}));
  EXPECT_EQ(command.name, "add");
  EXPECT_EQ(command.id, 4u);
  EXPECT_EQ(command.address, "10.0.0.4:7072");
  EXPECT_EQ(command.body, "body");
  const CommandAnswer answer = decode_command_answer(encode(refuse(409, "not_caught_up", "It is behind.")));
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.problem.code, "not_caught_up");
  EXPECT_EQ(answer.problem.detail, "It is behind.");
}

}  // namespace
}  // namespace lode::cluster
