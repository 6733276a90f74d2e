// lodectl cluster: what it asks of the cluster, what it waits for, and what it shows.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <sstream>

#include "lodectl/cluster_steps.h"
#include "lodectl/command.h"

namespace lode::lodectl {
namespace {

struct Node {
  std::string role = "voter", trouble;
  uint64_t lag = 0;
  int64_t hash_offset = -1;
  std::string hash = {};
};

// A cluster whose time goes on with each pause; `happens` says what comes about meanwhile.
class FakeCluster final : public ClusterLink {
 public:
  HttpAnswer status() override {
    if (unreachable > 0) {
      --unreachable;
      throw Unreachable("no answer");
    }
    std::ostringstream out;
    out << R"({"cluster":")" << cluster << R"(","node":1,"state":"follower","term":3,)";
    if (leader == 0) {
      out << R"("leader":null,)";
    } else {
      out << R"("leader":{"id":)" << leader << R"(,"address":"","http":"10.0.0.1:7070","tcp":""},)";
    }
    out << R"("commit_entry":90,"last_entry":91,"floor_entry":0,"changing":)" << (changing ? "true" : "false")
        << R"(,"level":{"active":)" << level
        << R"(,"newest":2},"ruleset":{"hash":"aa","building":null},"nodes":[)";
    for (const auto& [id, node] : nodes) {
      out << (id == nodes.begin()->first ? "" : ",") << R"({"id":)" << id << R"(,"address":"10.0.0.)" << id
          << R"(:7072","role":")" << node.role << R"(","self":)" << (id == 1 ? "true" : "false")
          << R"(,"connected":true,"round_trip_ms":0.42,"software":"0.1.0","http":"","match_entry":90,"applied_entry":)"
          << 1000 - node.lag << R"(,"applied_offset":8,"lag_entries":)" << node.lag << R"(,"progress":)"
          << 1.0 - static_cast<double>(node.lag) / 1000 << R"(,"state_hash":)";
      if (node.hash_offset < 0) {
        out << "null";
      } else {
        out << R"({"offset":)" << node.hash_offset << R"(,"hash":")" << node.hash << R"("})";
      }
      out << R"(,"trouble":")" << node.trouble << R"("})";
    }
    out << R"(],"divergence":null,"trouble":""})";
    return {200, {}, out.str()};
  }

  HttpAnswer command(const std::string& name, const std::string& body) override {
    asked.push_back(name + " " + body);
    if (!refusals.empty()) {
      auto [status, code] = refusals.front();
      refusals.erase(refusals.begin());
      return {status, {}, R"({"detail":"Not now.","code":")" + code + R"("})"};
    }
    return {200, {}, carry_out(name)};
  }

  void show(const std::string&, double share) override { shares.push_back(share); }
  void pause() override {
    time += 1;
    if (happens) happens();
  }
  double seconds() const override { return time; }

  std::function<std::string(const std::string& name)> carry_out = [](const std::string&) {
    return R"({"done":true})";
  };
  std::function<void()> happens;
  std::string cluster = "0123";
  uint64_t leader = 1, level = 2;
  bool changing = false;
  int unreachable = 0;
  std::map<uint64_t, Node> nodes = {{1, {}}, {2, {}}, {3, {}}};
  std::vector<std::pair<int, std::string>> refusals;
  std::vector<std::string> asked;
  std::vector<double> shares;
  double time = 0;
};

using Asked = std::vector<std::string>;

TEST(ClusterSteps, AddWaitsUntilTheNodeHasEverythingAndVotes) {
  FakeCluster cluster;
  cluster.carry_out = [&](const std::string& name) {
    if (name == "add") cluster.nodes[4] = {"standby", "", 900};
    if (name == "promote") cluster.changing = true;
    return R"({"done":false})";
  };
  cluster.happens = [&] {
    if (cluster.changing) cluster.nodes[4].role = "voter";
    cluster.changing = false;
    if (cluster.nodes[4].lag >= 300) cluster.nodes[4].lag -= 300;
  };
  auto status = ClusterSteps(cluster, 100).add({4, "10.0.0.4:7072"}, false);
  EXPECT_EQ(status.find(4)->role, "voter");
  EXPECT_EQ(cluster.asked, (Asked{R"(add {"id":4,"address":"10.0.0.4:7072"})", R"(promote {"id":4})"}));
  EXPECT_EQ(cluster.shares.front(), 0.1);
}

TEST(ClusterSteps, AStandbyIsNotPromoted) {
  FakeCluster cluster;
  cluster.carry_out = [&](const std::string&) {
    cluster.nodes[4] = {"standby", "", 900};
    return R"({"done":true})";
  };
  cluster.happens = [&] { cluster.nodes[4].lag = 3; };
  EXPECT_EQ(ClusterSteps(cluster, 100).add({4, "10.0.0.4:7072"}, true).find(4)->role, "standby");
  EXPECT_EQ(cluster.asked.size(), 1u);
}

TEST(ClusterSteps, AddGoesOnWhereItWasInterrupted) {
  FakeCluster cluster;
  cluster.nodes[4] = {"standby", "", 0};
  cluster.carry_out = [&](const std::string&) {
    cluster.nodes[4].role = "voter";
    return R"({"done":true})";
  };
  ClusterSteps steps(cluster, 100);
  steps.add({4, "10.0.0.4:7072"}, false);
  EXPECT_EQ(cluster.asked, (Asked{R"(promote {"id":4})"}));
  steps.add({4, "10.0.0.4:7072"}, false);
  EXPECT_EQ(cluster.asked.size(), 1u);
  EXPECT_THROW(steps.add({4, "10.0.0.9:7072"}, false), Failed);
}

TEST(ClusterSteps, AStandbyThatIsBehindIsPromotedOnceItHasCaughtUp) {
  FakeCluster cluster;
  cluster.nodes[4] = {"standby", "", 900};
  cluster.refusals = {{409, "not_caught_up"}};
  cluster.carry_out = [&](const std::string&) {
    EXPECT_LT(cluster.nodes[4].lag, 300u);
    cluster.nodes[4].role = "voter";
    return R"({"done":true})";
  };
  cluster.happens = [&] {
    if (cluster.nodes[4].lag >= 300) cluster.nodes[4].lag -= 300;
  };
  EXPECT_EQ(ClusterSteps(cluster, 100).promote(4, true).find(4)->role, "voter");
  EXPECT_EQ(cluster.asked, (Asked{R"(promote {"id":4})", R"(promote {"id":4})"}));
  EXPECT_FALSE(cluster.shares.empty());
}

TEST(ClusterSteps, AStandbyThatIsBehindIsRefusedWhenNobodyWaits) {
  FakeCluster cluster;
  cluster.nodes[4] = {"standby", "", 900};
  cluster.refusals = {{409, "not_caught_up"}};
  EXPECT_THROW(ClusterSteps(cluster, 100).promote(4, false), Failed);
  EXPECT_EQ(cluster.time, 0);
}

TEST(ClusterSteps, TheLeaderSaysWhoIsNearEnough) {
  FakeCluster cluster;
  cluster.nodes[4] = {"standby", "", 0};
  cluster.refusals = {{409, "not_caught_up"}, {409, "change_in_progress"}, {503, "no_leader"}};
  cluster.carry_out = [&](const std::string&) {
    cluster.nodes[4].role = "voter";
    return R"({"done":true})";
  };
  ClusterSteps(cluster, 100).add({4, "10.0.0.4:7072"}, false);
  EXPECT_EQ(cluster.asked.size(), 4u);
  cluster.nodes[4].role = "standby";
  cluster.refusals = {{409, "id_used_before"}};
  EXPECT_THROW(ClusterSteps(cluster, 100).add({4, "10.0.0.4:7072"}, false), Failed);
}

TEST(ClusterSteps, WhatMaySucceedLaterIsAskedAgain) {
  FakeCluster cluster;
  cluster.refusals = {{409, "change_in_progress"}, {503, "outcome_unknown"}, {404, "no_such_node"}};
  cluster.happens = [&] { cluster.nodes.erase(2); };
  EXPECT_EQ(ClusterSteps(cluster, 100).remove(2).find(2), nullptr);
  EXPECT_EQ(cluster.asked.size(), 3u);
  cluster.refusals = {{404, "no_such_node"}};
  EXPECT_THROW(ClusterSteps(cluster, 100).remove(2), Failed) << "it was none to begin with";
}

TEST(ClusterSteps, StandingStillEndsTheWait) {
  FakeCluster cluster;
  cluster.nodes[4] = {"standby", "", 900};
  cluster.happens = [&] { cluster.nodes[4].lag -= cluster.time < 200 ? 1 : 0; };
  EXPECT_THROW(ClusterSteps(cluster, 50).add({4, "10.0.0.4:7072"}, false), Failed);
  EXPECT_NEAR(cluster.time, 250, 3) << "as long as something moves it goes on";
}

TEST(ClusterSteps, ANodeThatStartsAgainMeanwhileIsWaitedFor) {
  FakeCluster cluster;
  cluster.carry_out = [&](const std::string&) {
    cluster.unreachable = 3;
    return R"({"done":true})";
  };
  cluster.happens = [&] {
    if (cluster.unreachable == 0) cluster.leader = 2;
  };
  EXPECT_EQ(ClusterSteps(cluster, 100).transfer(0).leader, 2u);
  cluster.unreachable = 1;
  EXPECT_THROW(ClusterSteps(cluster, 100).transfer(3), Unreachable) << "it never was there";
}

TEST(ClusterSteps, TransferWaitsForTheNewLeader) {
  FakeCluster cluster;
  cluster.happens = [&] { cluster.leader = cluster.leader == 1 ? 0 : 3; };
  EXPECT_EQ(ClusterSteps(cluster, 100).transfer(3).leader, 3u);
  EXPECT_EQ(cluster.asked, (Asked{R"(transfer {"id":3})"}));
  ClusterSteps(cluster, 100).transfer(3);
  EXPECT_EQ(cluster.asked.size(), 1u) << "it leads already";
}

TEST(ClusterSteps, InitWaitsForAllThatShallVote) {
  FakeCluster cluster;
  cluster.cluster = "";
  cluster.nodes.clear();
  cluster.carry_out = [&](const std::string&) { return R"({"done":false,"nodes":[1,2,3]})"; };
  cluster.happens = [&] {
    cluster.cluster = "0123";
    uint64_t next = cluster.nodes.size() + 1;
    for (auto& [id, node] : cluster.nodes) node.role = "voter";
    if (next <= 3) cluster.nodes[next] = {"standby", "", 10};
  };
  EXPECT_EQ(ClusterSteps(cluster, 100).init().nodes.size(), 3u);
  EXPECT_EQ(cluster.time, 4);
}

TEST(ClusterSteps, ReplaceRemovesOnlyOnceTheNewOneVotes) {
  FakeCluster cluster;
  cluster.carry_out = [&](const std::string& name) {
    if (name == "add") cluster.nodes[4] = {"standby", "", 0};
    if (name == "promote") cluster.nodes[4].role = "voter";
    if (name == "remove") cluster.nodes.erase(1);
    return R"({"done":true})";
  };
  ClusterSteps steps(cluster, 100);
  steps.replace(1, {4, "10.0.0.4:7072"});
  EXPECT_EQ(cluster.asked, (Asked{R"(add {"id":4,"address":"10.0.0.4:7072"})", R"(promote {"id":4})",
                                  R"(remove {"id":1})"}));
  steps.replace(1, {4, "10.0.0.4:7072"});
  EXPECT_EQ(cluster.asked.size(), 3u) << "all of it was done";
  EXPECT_THROW(steps.replace(7, {8, "10.0.0.8:7072"}), Failed);
  EXPECT_THROW(steps.replace(2, {2, "10.0.0.2:7072"}), Failed);
}

TEST(ClusterSteps, RecoverySaysWhoIsMeant) {
  FakeCluster cluster;
  cluster.leader = 0;
  cluster.happens = [&] { cluster.leader = 1; };
  ClusterSteps(cluster, 100).unsafe_recover();
  EXPECT_EQ(cluster.asked, (Asked{R"(unsafe-recover {"id":1})"}));
}

TEST(NodeAddress, IsAnIdAndAnAddress) {
  EXPECT_EQ(parse_node_address("4=[::1]:7072").address, "[::1]:7072");
  for (const char* wrong : {"", "4", "=a:1", "0=a:1", "x=a:1", "4=", "4=a", "4 =a:1"})
    EXPECT_THROW(parse_node_address(wrong), Failed) << wrong;
}

TEST(ClusterStatus, ComparesStatesAtTheSameOffset) {
  FakeCluster cluster;
  cluster.nodes = {
      {1, {"voter", "", 0, 8, "x"}}, {2, {"voter", "", 0, 8, "x"}}, {3, {"voter", "", 0, 7, "y"}}};
  auto status = parse_cluster(cluster.status().body);
  EXPECT_EQ(compare_state(status, status.nodes[0]), "equal");
  EXPECT_EQ(compare_state(status, status.nodes[2]), "") << "nobody else stands there";
  cluster.nodes[2].hash = "z";
  status = parse_cluster(cluster.status().body);
  EXPECT_EQ(compare_state(status, status.nodes[0]), "differs");
  status.diverged = {3};
  EXPECT_EQ(compare_state(status, status.nodes[2]), "differs");
}

TEST(ClusterStatus, IsShownAsATable) {
  FakeCluster cluster;
  cluster.nodes = {{1, {"voter", "", 0, 8, "x"}}, {4, {"standby", "its disk is full", 500}}};
  std::ostringstream out;
  print_cluster(parse_cluster(cluster.status().body), out);
  EXPECT_EQ(out.str(),
            "cluster: 0123\n"
            "asked: node 1, follower\n"
            "leader: node 1 at http://10.0.0.1:7070, term 3\n"
            "log: entries to 91, committed to 90\n"
            "level: 2\n"
            "ruleset: aa\n"
            "\n"
            "node  role     address        applied offset  lag  progress  state  connected    version  http  "
            "trouble\n"
            "   1  leader   10.0.0.1:7072               8    0      100%         self         0.1.0\n"
            "   4  standby  10.0.0.4:7072               8  500     50.0%         yes, 0.4 ms  0.1.0          "
            "its disk "
            "is full\n");
}

TEST(ClusterStatus, WhatIsNoStatusIsSaid) {
  EXPECT_THROW(parse_cluster("{}"), Failed);
  EXPECT_THROW(parse_cluster("no"), Failed);
}

}  // namespace
}  // namespace lode::lodectl
