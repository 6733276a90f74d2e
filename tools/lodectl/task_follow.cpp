#include "lodectl/task_follow.h"

#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <thread>

#include "lodectl/answer.h"
#include "lodectl/http_client.h"
#include "lodectl/interruption.h"
#include "lodectl/progress_bar.h"

namespace lode::lodectl {
namespace {

using Seconds = std::chrono::duration<double>;
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr auto kServerAway = std::chrono::seconds(60);  // it may start again

std::string target_of_task(const std::string& id) { return "/v1/admin/tasks/" + percent_encode(id); }

struct Seen {
  std::string state, error, result;
  std::string doing;  // for the bar
  double share = 0;
};

std::string doing_of(simdjson::dom::object progress) {
  const std::string_view stage = progress["stage"], unit = progress["unit"];
  std::string out(stage);
  uint64_t done = 0, left = 0;
  double rate = 0;
  if (!progress["done"].get(done) && done > 0) out += " " + std::to_string(done) + " " + std::string(unit);
  if (!progress["per_second"].get(rate)) out += ", " + std::to_string(static_cast<uint64_t>(rate)) + "/s";
  if (!progress["seconds_left"].get(left)) out += ", " + std::to_string(left) + " s left";
  return out;
}

Seen seen_in(std::string_view task) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(task.data(), task.size()).get(object)) throw Failed("the server's answer is no task");
  Seen out;
  out.state = std::string_view(object["state"]);
  out.error = member_text(task, "error");
  out.result = member_text(task, "result");
  simdjson::dom::object progress = object["progress"];
  out.doing = doing_of(progress);
  double percent = 0;
  if (!progress["percent"].get(percent)) out.share = percent / 100;
  return out;
}

// The task once it has ended; "" when the user stopped looking.
std::string wait_for(HttpClient& client, const std::string& id) {
  Interruption interruption;
  ProgressBar bar;
  auto heard = std::chrono::steady_clock::now();
  while (!Interruption::asked()) {
    try {
      const HttpAnswer answer = client.get(target_of_task(id));
      require_success(answer);
      heard = std::chrono::steady_clock::now();
      const Seen now = seen_in(answer.body);
      if (now.state != "running" && now.state != "interrupted") return answer.body;
      bar.show_step(now.doing, now.share);
    } catch (const Unreachable&) {
      if (std::chrono::steady_clock::now() - heard > kServerAway) throw;
      bar.show_step("the server does not answer", 0);
    }
    std::this_thread::sleep_for(kPause);
  }
  return "";
}

int follow(const Context& context, HttpClient& client, const std::string& id,
           const std::function<void(std::string_view result)>& print) {
  const std::string task = wait_for(client, id);
  if (task.empty()) {
    std::cerr << "task " << id << " goes on; look at it with: lodectl tasks show " << id
              << "\nend it with: lodectl tasks cancel " << id << "\n";
    return kFailed;
  }
  const Seen end = seen_in(task);
  if (end.state == "failed") throw Failed(end.error);
  if (end.state != "done") throw Failed("task " + id + " was " + end.state);
  if (context.json)
    std::cout << task << "\n";
  else
    print(end.result);
  return kDone;
}

}  // namespace

void require_one_server(const Context& context) {
  if (context.url.find(',') != std::string::npos)
    throw Failed("this is about one node: name it with --url", kUsage);
}

void add_detach(CLI::App& command, bool& detach) {
  command.add_flag("--detach", detach, "Only start it; 'lodectl tasks' tells how far it is");
}

int run_task(const Context& context, const TaskRequest& request,
             const std::function<void(std::string_view result)>& print) {
  require_one_server(context);
  HttpClient client(context.url);
  const HttpAnswer answer = client.send(
      {"POST", "/v1/admin/" + request.kind, {{"Content-Type", "application/json"}}, request.parameters});
  require_success(answer);
  const std::string id = member_text(answer.body, "id");
  if (!request.detach) return follow(context, client, id, print);
  if (context.json)
    std::cout << answer.body << "\n";
  else
    std::cout << "task " << id << " has begun; look at it with: lodectl tasks show " << id << "\n";
  return kDone;
}

int follow_task(const Context& context, const std::string& id,
                const std::function<void(std::string_view result)>& print) {
  require_one_server(context);
  HttpClient client(context.url);
  return follow(context, client, id, print);
}

void print_task(std::string_view task) {
  const Seen seen = seen_in(task);
  for (const char* name : {"id", "state", "parameters", "started_by", "started_at", "ended_at", "runs"}) {
    const std::string text = member_text(task, name);
    if (!text.empty()) std::cout << name << ": " << text << "\n";
  }
  if (seen.state == "running" || seen.state == "interrupted") {
    std::cout << "progress: " << seen.doing;
    if (seen.share > 0) std::cout << " (" << static_cast<int>(seen.share * 100) << " %)";
    std::cout << "\n";
  }
  if (!seen.error.empty()) std::cout << "error: " << seen.error << "\n";
  if (!seen.result.empty()) std::cout << "result: " << seen.result << "\n";
}

}  // namespace lode::lodectl
