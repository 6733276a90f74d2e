#include "lodectl/ruleset_follow.h"

#include <simdjson.h>

#include <chrono>
#include <thread>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/interruption.h"
#include "lodectl/progress_bar.h"

namespace lode::lodectl {
namespace {

using std::chrono::steady_clock;

constexpr auto kPause = std::chrono::milliseconds(100);
constexpr auto kPatience = std::chrono::seconds(120);  // while nothing moves, or the server is away
constexpr auto kSeen = std::chrono::seconds(10);       // until the node has heard of it

struct Seen {
  std::string in_force, building;  // hashes
  std::string trouble;
  std::string doing;
  double share = 0;
  uint64_t mark = 0;
};

Seen seen_in(std::string_view status) {
  simdjson::dom::parser parser;
  simdjson::dom::object root, build;
  if (parser.parse(status.data(), status.size()).get(root)) throw Failed("the server's status is no JSON");
  Seen out;
  std::string_view text;
  if (!root["ruleset"].get(text)) out.in_force = text;
  if (root["building"].get(build)) return out;
  if (!build["ruleset"].get(text)) out.building = text;
  if (!build["trouble"].get(text)) out.trouble = text;
  if (build["entry"].get(out.mark)) out.mark = 0;
  simdjson::dom::object progress;
  if (build["progress"].get(progress)) return out;
  uint64_t done = 0, total = 0, left = 0;
  double rate = 0, percent = 0;
  if (!progress["stage"].get(text)) out.doing = text;
  if (!progress["percent"].get(percent)) out.share = percent / 100;
  if (!progress["done"].get(done) && !progress["total"].get(total))
    out.doing += ", " + std::to_string(done) + " of " + std::to_string(total) + " records";
  if (!progress["per_second"].get(rate))
    out.doing += ", " + std::to_string(static_cast<uint64_t>(rate)) + "/s";
  if (!progress["seconds_left"].get(left)) out.doing += ", " + std::to_string(left) + " s left";
  return out;
}

}  // namespace

bool follow_ruleset(HttpClient& client, const std::string& hash) {
  Interruption interruption;
  ProgressBar bar;
  const auto begun = steady_clock::now();
  auto moved = begun;
  bool heard = false;
  uint64_t mark = 0;
  while (!Interruption::asked()) {
    try {
      const HttpAnswer answer = client.get("/v1/status");
      require_success(answer);
      const Seen now = seen_in(answer.body);
      if (now.in_force == hash) return true;
      const bool here = now.building == hash;
      if (!here && heard)
        throw Failed("the change was taken back, or another one took its place: look at lodectl views");
      if (!here && steady_clock::now() - begun > kSeen)
        throw Failed("the change did not come about: look at lodectl views");
      heard = here;
      if (here && !now.trouble.empty()) throw Failed("it can't be built on this node: " + now.trouble);
      if (now.mark != mark) moved = steady_clock::now();
      mark = now.mark;
      bar.show_step(now.doing, now.share);
    } catch (const Unreachable&) {
      if (steady_clock::now() - moved > kPatience) throw;
      bar.show_step("the server does not answer", 0);
    }
    if (steady_clock::now() - moved > kPatience)
      throw Failed("stopped waiting: nothing has moved for a while; it may go on, see lodectl views");
    std::this_thread::sleep_for(kPause);
  }
  return false;
}

}  // namespace lode::lodectl
