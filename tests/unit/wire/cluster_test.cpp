// What is asked of a cluster: commands, and writes that may not be forwarded.
#include <gtest/gtest.h>

#include "fake_exchange.h"
#include "wire/cluster_routes.h"
#include "wire/leader_redirect.h"

namespace lode::wire {
namespace {

std::string parsed(const CommandShape& shape, std::string_view body) {
  auto answer = parse_command(shape, body);
  if (const auto* problem = std::get_if<event::Problem>(&answer))
    return problem->code + " " + problem->pointer;
  const auto& command = std::get<ClusterCommand>(answer);
  return command.name + " " + std::to_string(command.id) + " " + command.address;
}

TEST(ClusterCommand, TakesWhatItIsToTake) {
  EXPECT_EQ(parsed(kInit, "{}"), "init 0 ");
  EXPECT_EQ(parsed(kAdd, R"({"id":4,"address":"10.0.0.4:7072"})"), "add 4 10.0.0.4:7072");
  EXPECT_EQ(parsed(kAdd, R"({"address":"[::1]:7072","id":4294967295})"), "add 4294967295 [::1]:7072");
  EXPECT_EQ(parsed(kPromote, R"({"id":4})"), "promote 4 ");
  EXPECT_EQ(parsed(kTransfer, "{}"), "transfer 0 ");
  EXPECT_EQ(parsed(kTransfer, R"({"id":2})"), "transfer 2 ");
  EXPECT_EQ(parsed(kUnsafeRecover, R"({"id":1})"), "unsafe-recover 1 ");
}

TEST(ClusterCommand, RefusesAnythingElse) {
  struct Case {
    const CommandShape& shape;
    const char* body;
    const char* answer;
  };
  for (const auto& [shape, body, answer] : std::initializer_list<Case>{
           {kInit, "", "invalid_json "},
           {kInit, "{} {}", "invalid_json "},
           {kInit, "[]", "invalid_type "},
           {kInit, R"({"id":1})", "unknown_member /id"},
           {kFinalize, R"({"a/b~":1})", "unknown_member /a~1b~0"},
           {kPromote, "{}", "missing_field /id"},
           {kPromote, R"({"id":2,"address":"10.0.0.4:7072"})", "unknown_member /address"},
           {kPromote, R"({"id":0})", "invalid_value /id"},
           {kPromote, R"({"id":-1})", "invalid_value /id"},
           {kPromote, R"({"id":"2"})", "invalid_value /id"},
           {kPromote, R"({"id":2.0})", "invalid_value /id"},
           {kPromote, R"({"id":4294967296})", "invalid_value /id"},
           {kPromote, R"({"id":null})", "invalid_value /id"},
           {kPromote, R"({"id":2,"id":3})", "invalid_value /id"},
           {kAdd, R"({"id":4})", "missing_field /address"},
           {kAdd, R"({"id":4,"address":"10.0.0.4"})", "invalid_value /address"},
           {kAdd, R"({"id":4,"address":"10.0.0.4:0"})", "invalid_value /address"},
           {kAdd, R"({"id":4,"address":"ten:7072"})", "invalid_value /address"},
           {kAdd, R"({"id":4,"address":7072})", "invalid_value /address"},
           {kUnsafeRecover, "{}", "missing_field /id"},
       }) {
    EXPECT_EQ(parsed(shape, body), answer) << shape.name << " " << body;
  }
}

class ClusterRoutes : public testing::Test {
 protected:
  Response take(const std::string& body, const CommandShape& shape = kPromote,
                const std::string& type = "application/json") {
    return answered(body, type,
                    [&](ExchangePtr exchange) { take_command(cluster_, pool_, std::move(exchange), shape); });
  }
  Response take_rules(const std::string& body, const std::string& type) {
    return answered(body, type,
                    [&](ExchangePtr exchange) { take_ruleset(cluster_, pool_, std::move(exchange)); });
  }

  ClusterServices cluster_;

 private:
  Response answered(const std::string& body, const std::string& type,
                    const std::function<void(ExchangePtr)>& handle) {
    Request request;
    request.body = std::make_shared<std::string>(body);
    request.headers.emplace_back("content-type", type);
    auto exchange = std::make_shared<FakeExchange>(loop_.get(), std::move(request));
    auto answer = exchange->answer();
    loop_.run([&] { handle(std::move(exchange)); });
    return answer.get();
  }

  RunningLoop loop_;
  QueryPool pool_{1, 4};
};

TEST_F(ClusterRoutes, ACommandIsAnsweredByTheCluster) {
  std::vector<ClusterCommand> asked;
  cluster_.command = [&](ClusterCommand command, std::function<void(ClusterAnswer)> done) {
    asked.push_back(std::move(command));
    std::thread([done = std::move(done)] { done({200, {}, R"({"done":true})"}); }).join();
  };
  Response answer = take(R"({"id":4})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"done":true})");
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].name, "promote");
  EXPECT_EQ(asked[0].id, 4u);
}

TEST_F(ClusterRoutes, ARefusalIsAProblem) {
  cluster_.command = [](const ClusterCommand&, const std::function<void(ClusterAnswer)>& done) {
    done({409, {"not_caught_up", "", "Node 4 is behind."}, ""});
  };
  Response answer = take(R"({"id":4})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.content_type, "application/problem+json");
  EXPECT_NE(answer.body.find(R"("code":"not_caught_up")"), std::string::npos);
  cluster_.command = [](const ClusterCommand&, const std::function<void(ClusterAnswer)>& done) {
    done({503, {"no_leader", "", "Nobody leads."}, ""});
  };
  answer = take(R"({"id":4})");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.front(), std::pair(std::string("Retry-After"), std::string("1")));
  cluster_.command = [](const ClusterCommand&, const std::function<void(ClusterAnswer)>&) {
    throw std::runtime_error("broken on purpose");
  };
  EXPECT_EQ(take(R"({"id":4})").status, 500);
}

TEST_F(ClusterRoutes, ABodyThatIsNotRightReachesNobody) {
  cluster_.command = [](const ClusterCommand&, const std::function<void(ClusterAnswer)>&) {
    FAIL() << "it was carried out";
  };
  EXPECT_EQ(take("{}", kInit, "text/plain").status, 415);
  EXPECT_EQ(take("{}", kInit, "").status, 415);
  EXPECT_EQ(take(std::string(100'000, ' '), kInit).status, 413);
  Response answer = take(R"({"id":4,"adress":"x"})", kAdd);
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find(R"("code":"unknown_member","pointer":"/adress")"), std::string::npos);
  EXPECT_EQ(take_rules("[silver]", "text/plain").status, 415);
}

TEST_F(ClusterRoutes, ARulesetGoesAsItIs) {
  std::string text;
  cluster_.command = [&](const ClusterCommand& command, const std::function<void(ClusterAnswer)>& done) {
    text = command.name + ": " + command.body;
    done({200, {}, R"({"done":false})"});
  };
  EXPECT_EQ(take_rules("[silver]\n", "application/toml").status, 200);
  EXPECT_EQ(text, "ruleset: [silver]\n");
}

TEST_F(ClusterRoutes, WithoutAClusterThereIsNothingToCommand) {
  Response answer = take("{}", kInit);
  EXPECT_EQ(answer.status, 409);
  EXPECT_NE(answer.body.find(R"("code":"no_cluster")"), std::string::npos);
}

Request write(const std::string& forward) {
  Request request;
  request.target = "/v1/events?ack=committed";
  if (!forward.empty()) request.headers.emplace_back("lode-forward", forward);
  return request;
}

std::string location(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "Location") return value;
  }
  return "";
}

TEST(LeaderRedirect, OnlyWhoAsksIsSentElsewhere) {
  ClusterServices cluster;
  EXPECT_FALSE(redirect_write(cluster, write("no")));
  cluster.leader = [] { return Leader{false, 2, "10.0.0.2:7070", "10.0.0.2:7071"}; };
  EXPECT_FALSE(redirect_write(cluster, write("")));
  auto answer = redirect_write(cluster, write("no"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 307);
  EXPECT_EQ(location(*answer), "http://10.0.0.2:7070/v1/events?ack=committed");
  EXPECT_NE(answer->body.find(R"("code":"not_leader")"), std::string::npos);
  cluster.leader = [] { return Leader{true, 1, "10.0.0.1:7070", ""}; };
  EXPECT_FALSE(redirect_write(cluster, write("no")));
  EXPECT_EQ(redirect_write(cluster, write("never"))->status, 400);
}

TEST(LeaderRedirect, WithoutAKnownLeaderItIsTriedAgain) {
  ClusterServices cluster;
  for (const auto& leader : {std::optional<Leader>(), std::optional<Leader>({false, 2, "", ""})}) {
    cluster.leader = [leader] { return leader; };
    auto answer = redirect_write(cluster, write("no"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503);
    EXPECT_NE(answer->body.find(R"("code":"no_leader")"), std::string::npos);
    EXPECT_EQ(location(*answer), "");
  }
}

}  // namespace
}  // namespace lode::wire
