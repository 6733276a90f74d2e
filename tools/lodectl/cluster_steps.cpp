#include "lodectl/cluster_steps.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "generate/json_text.h"
#include "lodectl/answer.h"
#include "lodectl/command.h"

namespace lode::lodectl {
namespace {

constexpr double kAskAgainSeconds = 5;
constexpr const char* kBehind = "not_caught_up";

std::string id_json(uint64_t id) {
  std::string out;
  generate::JsonText(out).begin_object().number("id", static_cast<int64_t>(id)).end_object();
  return out;
}

std::string node_json(const NodeAddress& node) {
  std::string out;
  auto text = generate::JsonText(out);
  text.begin_object().number("id", static_cast<int64_t>(node.id)).text("address", node.address).end_object();
  return out;
}

std::string name_of(uint64_t id) { return "node " + std::to_string(id); }

std::string code_of(const HttpAnswer& answer) { return answer.ok() ? "" : member_text(answer.body, "code"); }

// It may be otherwise in a moment.
bool passes(const HttpAnswer& answer) {
  if (answer.status == 503 || answer.status == 429) return true;
  return answer.status == 409 && code_of(answer) == "change_in_progress";
}

// Each is told to be in, and says so itself.
bool all_vote(const ClusterStatus& status) {
  return !status.nodes.empty() && std::all_of(status.nodes.begin(), status.nodes.end(), [](const auto& node) {
    return node.votes() && node.caught_up() && node.state != "waiting";
  });
}

std::vector<uint64_t> ids_in(std::string_view json, std::string_view name) {
  simdjson::dom::parser parser;
  simdjson::dom::array ids;
  std::vector<uint64_t> out;
  if (parser.parse(json.data(), json.size())[name].get(ids)) return out;
  for (simdjson::dom::element id : ids) {
    uint64_t number = 0;
    if (!id.get(number)) out.push_back(number);
  }
  return out;
}

// How far all of them are together, with a standby counting half at most.
double share_of_forming(const ClusterStatus& status, size_t expected) {
  double sum = 0;
  for (const ClusterNode& node : status.nodes) sum += node.votes() ? 1 : node.progress.value_or(0) / 2;
  return sum / static_cast<double>(std::max(expected, std::max<size_t>(1, status.nodes.size())));
}

uint64_t applied_of(const ClusterStatus& status, uint64_t id) {
  const ClusterNode* node = status.find(id);
  return node ? node->applied_entry.value_or(0) : 0;
}

double progress_of(const ClusterStatus& status, uint64_t id) {
  const ClusterNode* node = status.find(id);
  return node ? node->progress.value_or(0) : 0;
}

}  // namespace

NodeAddress parse_node_address(const std::string& text) {
  NodeAddress node;
  size_t equals = text.find('=');
  const char* end = text.data() + std::min(equals, text.size());
  bool number = std::from_chars(text.data(), end, node.id).ptr == end && node.id > 0;
  if (equals != std::string::npos) node.address = text.substr(equals + 1);
  if (number && node.address.find(':') != std::string::npos) return node;
  throw Failed("a node is written as ID=ADDRESS, such as 4=10.0.0.4:7072, not " + text, kUsage);
}

ClusterStatus ClusterSteps::now() {
  HttpAnswer answer = link_.status();
  require_success(answer);
  return parse_cluster(answer.body);
}

ClusterStatus ClusterSteps::wait(const std::string& doing,
                                 const std::function<Look(const ClusterStatus&)>& look) {
  std::optional<Look> last;
  double moved_at = link_.seconds();
  std::string why;
  while (true) {
    try {
      HttpAnswer answer = link_.status();
      if (answer.ok()) {
        ClusterStatus status = parse_cluster(answer.body);
        Look seen = look(status);
        if (seen.reached) return status;
        if (!last || last->share != seen.share || last->mark != seen.mark) moved_at = link_.seconds();
        last = seen;
        why = status.trouble;
        link_.show(doing, seen.share);
      } else {
        why = problem_text(answer);
      }
    } catch (const Unreachable& error) {
      why = error.what();
    }
    if (link_.seconds() - moved_at > give_up_) {
      throw Failed("stopped waiting (" + doing + "): nothing has moved for a while" +
                   (why.empty() ? "" : "; " + why) + ". Give the same command again to go on.");
    }
    link_.pause();
  }
}

HttpAnswer ClusterSteps::ask_until_told(const std::string& doing, const std::string& name,
                                        const std::string& body, const std::string& done_code) {
  double started = link_.seconds();
  for (bool again = false;; again = true) {
    HttpAnswer answer = link_.command(name, body);
    if (again && !answer.ok() && code_of(answer) == done_code)
      return {200, {}, "{}"};  // the one before did it
    if (!passes(answer) || link_.seconds() - started > give_up_) return answer;
    link_.show(doing, 0);
    link_.pause();
  }
}

std::string ClusterSteps::ask(const std::string& doing, const std::string& name, const std::string& body,
                              const std::string& done_code) {
  HttpAnswer answer = ask_until_told(doing, name, body, done_code);
  require_success(answer);
  return answer.body;
}

ClusterStatus ClusterSteps::init() {
  const std::string doing = "forming the cluster";
  std::vector<uint64_t> expected = ids_in(ask(doing, "init", "{}", "already_in_cluster"), "nodes");
  return wait(doing, [&](const ClusterStatus& status) {
    bool all_there =
        std::all_of(expected.begin(), expected.end(), [&](uint64_t id) { return status.find(id); });
    bool formed = !status.cluster.empty() && status.leader && !status.changing;
    uint64_t mark = 0;
    for (const ClusterNode& node : status.nodes) mark += node.applied_entry.value_or(0);
    return Look{formed && all_there && all_vote(status), share_of_forming(status, expected.size()), mark};
  });
}

ClusterStatus ClusterSteps::catch_up(uint64_t id) {
  return wait(name_of(id) + " catches up", [&](const ClusterStatus& status) {
    const ClusterNode* node = status.find(id);
    return Look{node && node->caught_up(), progress_of(status, id), applied_of(status, id)};
  });
}

// The leader decides whether it is near enough.
ClusterStatus ClusterSteps::catch_up_and_promote(uint64_t id) {
  std::optional<double> asked_at;
  return wait(name_of(id) + " catches up", [&](const ClusterStatus& status) {
    const ClusterNode* node = status.find(id);
    Look look{node && node->votes() && !status.changing, progress_of(status, id), applied_of(status, id)};
    bool asked = asked_at && link_.seconds() - *asked_at < kAskAgainSeconds;
    if (!node || node->votes() || asked || !node->caught_up()) return look;
    HttpAnswer answer = link_.command("promote", id_json(id));
    if (answer.ok()) asked_at = link_.seconds();
    if (!passes(answer) && code_of(answer) != kBehind) require_success(answer);
    return look;
  });
}

ClusterStatus ClusterSteps::add(const NodeAddress& node, bool standby) {
  ClusterStatus before = now();
  const ClusterNode* there = before.find(node.id);
  if (there && there->address != node.address)
    throw Failed(name_of(node.id) + " is a member already, at " + there->address);
  if (!there) ask("adding " + name_of(node.id), "add", node_json(node), "already_member");
  return standby ? catch_up(node.id) : catch_up_and_promote(node.id);
}

ClusterStatus ClusterSteps::promote(uint64_t id, bool waits) {
  const std::string doing = "promoting " + name_of(id);
  const HttpAnswer answer = ask_until_told(doing, "promote", id_json(id), "");
  if (waits && code_of(answer) == kBehind) return catch_up_and_promote(id);
  require_success(answer);
  return wait(doing, [&](const ClusterStatus& status) {
    const ClusterNode* node = status.find(id);
    return Look{node && node->votes() && !status.changing, 0, status.commit_entry};
  });
}

ClusterStatus ClusterSteps::remove(uint64_t id) {
  const std::string doing = "removing " + name_of(id);
  ask(doing, "remove", id_json(id), "no_such_node");
  return wait(doing, [&](const ClusterStatus& status) {
    bool gone = !status.find(id) || (status.node == id && status.state == "removed");
    return Look{gone && !status.changing, 0, status.commit_entry};
  });
}

ClusterStatus ClusterSteps::transfer(uint64_t id) {
  ClusterStatus before = now();
  if (id != 0 && before.leader == id) return before;
  const std::string doing = "handing leadership over";
  ask(doing, "transfer", id == 0 ? "{}" : id_json(id), "");
  return wait(doing, [&](const ClusterStatus& status) {
    bool other = status.leader && (id == 0 ? status.leader != before.leader : status.leader == id);
    return Look{other, 0, 0};
  });
}

ClusterStatus ClusterSteps::replace(uint64_t old_id, const NodeAddress& node) {
  if (old_id == node.id)
    throw Failed("an id is never given twice: name another than " + std::to_string(old_id), kUsage);
  ClusterStatus before = now();
  if (!before.find(old_id) && !before.find(node.id))
    throw Failed(name_of(old_id) + " is not a member of this cluster");
  ClusterStatus voting = add(node, false);
  return voting.find(old_id) ? remove(old_id) : voting;
}

ClusterStatus ClusterSteps::unsafe_recover() {
  uint64_t id = now().node;
  const std::string doing = name_of(id) + " goes on alone";
  HttpAnswer answer = link_.command("unsafe-recover", id_json(id));
  require_success(answer);
  return wait(doing, [&](const ClusterStatus& status) { return Look{status.leader == id, 0, status.term}; });
}

ClusterStatus ClusterSteps::finalize() {
  const std::string doing = "raising the level";
  ask(doing, "finalize", "{}", "");
  return wait(doing, [&](const ClusterStatus& status) {
    return Look{status.level >= status.newest_level, 0, status.commit_entry};
  });
}

ClusterStatus ClusterSteps::apply_ruleset(const std::string& text) {
  const std::string doing = "every node builds its tables under the new ruleset";
  std::string hash = member_text(ask(doing, "ruleset", text, ""), "hash");
  return wait(doing, [&](const ClusterStatus& status) {
    bool in_force = status.building.empty() && (hash.empty() ? !status.changing : status.ruleset == hash);
    double of = static_cast<double>(std::max<uint64_t>(1, status.building_of));
    return Look{in_force, static_cast<double>(status.building_entry) / of, status.building_entry};
  });
}

}  // namespace lode::lodectl
