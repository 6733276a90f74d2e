#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "lodectl/answer.h"
#include "lodectl/cluster_link.h"
#include "lodectl/command.h"
#include "lodectl/confirmation.h"

namespace lode::lodectl {
namespace {

struct Options {
  uint64_t id = 0;
  std::string node;  // ID=ADDRESS
  bool standby = false, yes = false, at_once = false, dry_run = false;
  uint32_t give_up_seconds = 120;
};

// What is done to a node must not go to another one.
void require_one_server(const Context& context) {
  if (context.url.find(',') != std::string::npos)
    throw Failed("this is about one node: name it with --url", kUsage);
}

using Step = std::function<ClusterStatus(ClusterSteps&)>;

// Does it, then says `done` and how the cluster stands.
int carry_out(const Context& context, const Options& options, const std::string& done, const Step& step) {
  ClusterStatus status;
  std::string body;
  {
    HttpClusterLink link(context.url);  // with its progress bar
    ClusterSteps steps(link, options.give_up_seconds);
    status = step(steps);
    if (context.json) body = link.status().body;
  }
  if (context.json) {
    std::cout << body << "\n";
  } else {
    std::cout << (done.empty() ? "node " + std::to_string(status.leader.value_or(0)) + " leads" : done)
              << "\n";
  }
  return kDone;
}

int show_status(const Context& context) {
  HttpClient client(context.url);
  HttpAnswer answer = client.get("/v1/cluster");
  require_success(answer);
  ClusterStatus status = parse_cluster(answer.body);
  if (context.json) {
    std::cout << answer.body << "\n";
  } else {
    print_cluster(status, std::cout);
  }
  bool differs = false;
  for (const ClusterNode& node : status.nodes) differs |= compare_state(status, node) == "differs";
  return status.leader && !differs ? kDone : kFailed;
}

std::string node_of(const Options& options) { return "node " + std::to_string(options.id); }

class Family {
 public:
  Family(CLI::App& family, Context& context, std::shared_ptr<Options> options)
      : family_(family), context_(context), options_(std::move(options)) {}

  CLI::App* add(const char* name, const char* summary, const char* footer, std::function<int()> run) {
    CLI::App* command = family_.add_subcommand(name, summary);
    command->footer(footer);
    Context& context = context_;
    command->callback([&context, run = std::move(run)] { context.run = run; });
    return command;
  }
  CLI::App* add_step(const char* name, const char* summary, const char* footer, std::function<int()> run) {
    CLI::App* command = add(name, summary, footer, std::move(run));
    command
        ->add_option("--give-up-seconds", options_->give_up_seconds, "How long to wait while nothing moves")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    return command;
  }
  void take_id(CLI::App* command, const char* help, bool required = true) {
    command->add_option("id", options_->id, help)
        ->required(required)
        ->check(CLI::Range(uint64_t{1}, uint64_t{UINT32_MAX}));
  }

 private:
  CLI::App& family_;
  Context& context_;
  std::shared_ptr<Options> options_;
};

void add_forming(Family& family, const Context& context, const std::shared_ptr<Options>& options) {
  family.add("status", "Who is in the cluster, and how far each node is", R"(
As the node that is asked knows it. 'lag' is what a node has not applied yet, in entries of the log; 'state' compares the
rows of all tables between nodes that stand at the same offset. Exit code 1 when there is no leader, or when states differ.

Examples:
  lodectl cluster status
  lodectl cluster status --json --url http://10.0.0.2:7070)",
             [&context] { return show_status(context); });
  family.add_step("init", "Form the cluster of the nodes in cluster.peers", R"(
On one of them, once: the others wait until they are called. Ends when all of them vote.

Examples:
  lodectl cluster init --url http://10.0.0.1:7070)",
                  [&context, options] {
                    require_one_server(context);
                    return carry_out(context, *options, "the cluster is formed: every node votes",
                                     [](ClusterSteps& steps) { return steps.init(); });
                  });
  family.add_step("finalize", "Switch on what the new program's formats can do", R"(
After the last node of a rolling upgrade. Programs of before can't join from then on.

Examples:
  lodectl cluster finalize)",
                  [&context, options] {
                    return carry_out(context, *options, "the newest level is active",
                                     [](ClusterSteps& steps) { return steps.finalize(); });
                  });
}

void add_members(Family& family, const Context& context, const std::shared_ptr<Options>& options) {
  auto* add = family.add_step(
      "add", "Add a node: it is sent everything, then it votes", R"(
The node runs with an empty data folder and an id that was never in this cluster. Interrupted, the same command goes on.

Examples:
  lodectl cluster add 4=10.0.0.4:7072
  lodectl cluster add 4=10.0.0.4:7072 --standby)",
      [&context, options] {
        NodeAddress node = parse_node_address(options->node);
        std::string done = "node " + std::to_string(node.id) +
                           (options->standby ? " is a standby and has caught up" : " votes");
        return carry_out(context, *options, done,
                         [&](ClusterSteps& steps) { return steps.add(node, options->standby); });
      });
  add->add_option("node", options->node, "ID=ADDRESS, where it listens for other nodes")->required();
  add->add_flag("--standby", options->standby, "Leave it a standby: it has everything, and has no vote");
  auto* promote = family.add_step(
      "promote", "Let a standby vote", R"(
Waits until it has caught up; with --no-wait a node that is behind is refused.

Examples:
  lodectl cluster promote 4
  lodectl cluster promote 4 --no-wait)",
      [&context, options] {
        return carry_out(context, *options, node_of(*options) + " votes",
                         [&](ClusterSteps& steps) { return steps.promote(options->id, !options->at_once); });
      });
  family.take_id(promote, "The standby's id");
  promote->add_flag("--no-wait", options->at_once, "Fail at once when it has not caught up yet");
  auto* remove = family.add_step(
      "remove", "Take a node out of the cluster", R"(
For ever under this id: what lies in its data folder is of no use any more. A leader hands over first.

Examples:
  lodectl cluster remove 1 --dry-run
  lodectl cluster remove 1
  lodectl cluster remove 1 --yes)",
      [&context, options] {
        if (!goes_on(context, node_of(*options) + " leaves the cluster for ever under this id", options->yes,
                     options->dry_run))
          return int{kDone};
        return carry_out(context, *options, node_of(*options) + " is no member any more",
                         [&](ClusterSteps& steps) { return steps.remove(options->id); });
      });
  family.take_id(remove, "The node's id");
  remove->add_flag("--yes", options->yes, "Don't ask");
  remove->add_flag("--dry-run", options->dry_run, "Only say what would come of it");
  auto* replace = family.add_step(
      "replace", "Put a new node in the place of one", R"(
Adds the new one, waits until it has everything and votes, and removes the old one then. Interrupted, the same command goes on.
A node that has lost its data comes back this way, under a new id.

Examples:
  lodectl cluster replace 1 4=10.0.0.4:7072)",
      [&context, options] {
        NodeAddress node = parse_node_address(options->node);
        std::string done = "node " + std::to_string(node.id) + " votes in the place of " + node_of(*options);
        if (options->dry_run) return int{goes_on(context, done + ", which leaves for ever", true, true)};
        return carry_out(context, *options, done,
                         [&](ClusterSteps& steps) { return steps.replace(options->id, node); });
      });
  family.take_id(replace, "The id of the node that goes");
  replace->add_flag("--dry-run", options->dry_run, "Only say what would come of it");
  replace->add_option("node", options->node, "ID=ADDRESS of the one that comes")->required();
}

void add_leading(Family& family, const Context& context, const std::shared_ptr<Options>& options) {
  auto* transfer = family.add_step("transfer", "Hand leadership over", R"(
To the node that is named, or to the one that has most. Ends when it leads.

Examples:
  lodectl cluster transfer
  lodectl cluster transfer 2)",
                                   [&context, options] {
                                     return carry_out(context, *options, "", [&](ClusterSteps& steps) {
                                       return steps.transfer(options->id);
                                     });
                                   });
  family.take_id(transfer, "The node that shall lead", false);
  auto* recover = family.add_step(
      "unsafe-recover", "Go on with one node when most are lost for good", R"(
The node that --url names becomes the only one of its cluster, with what it has: an acknowledged event that it was never sent
is lost. First make sure that the others are gone and stay gone: one that comes back would go on by itself, and the two would
differ from then on. Try the node with the highest 'log: entries to' in 'lodectl cluster status'. Add new nodes afterwards.

Examples:
  lodectl cluster unsafe-recover --url http://10.0.0.2:7070)",
      [&context, options] {
        require_one_server(context);
        if (!goes_on(context,
                     "the node at " + context.url + " goes on alone, and what it does not have is lost",
                     options->yes, options->dry_run))
          return int{kDone};
        return carry_out(context, *options, "", [](ClusterSteps& steps) { return steps.unsafe_recover(); });
      });
  recover->add_flag("--yes", options->yes, "Don't ask");
  recover->add_flag("--dry-run", options->dry_run, "Only say what would come of it");
}

}  // namespace

void add_cluster(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("cluster", "The nodes of a cluster: form it, look at it, change it");
  command->require_subcommand(1);
  command->footer(R"(
Any node can be asked; init and unsafe-recover are about the one that is. With --json each ends with the cluster's status.

Examples:
  lodectl cluster init --url http://10.0.0.1:7070
  lodectl cluster status
  lodectl cluster add 4=10.0.0.4:7072
  lodectl cluster replace 1 4=10.0.0.4:7072)");
  auto options = std::make_shared<Options>();
  Family family(*command, context, options);
  add_forming(family, context, options);
  add_members(family, context, options);
  add_leading(family, context, options);
}

}  // namespace lode::lodectl
