#include "admin/replay_request.h"

#include <simdjson.h>

#include <algorithm>
#include <thread>

namespace lode::admin {

namespace {

using Action = ReplayRequest::Action;

Refusal wrong(std::string pointer, std::string detail) {
  return {400, {"invalid_value", std::move(pointer), std::move(detail)}};
}

std::optional<Action> action_named(std::string_view name) {
  constexpr std::pair<std::string_view, Action> kActions[] = {{"replay", Action::replay},
                                                              {"promote", Action::promote},
                                                              {"rollback", Action::rollback},
                                                              {"drop", Action::drop}};
  for (const auto& [known, action] : kActions)
    if (known == name) return action;
  return std::nullopt;
}

bool is_true(simdjson::dom::object members, const char* name) {
  bool value = false;
  return !members[name].get(value) && value;
}

}  // namespace

std::variant<ReplayRequest, Refusal> parse_replay(std::string_view parameters) {
  simdjson::dom::parser parser;
  const simdjson::dom::object members = parser.parse(parameters.data(), parameters.size());
  ReplayRequest out;
  std::string_view text;
  uint64_t number = 0;
  if (!members["action"].get(text)) {
    const auto action = action_named(text);
    if (!action) return wrong("/action", "It is replay, promote, rollback or drop.");
    out.action = *action;
  }
  if (!members["view"].get(text)) out.view = text;
  out.silver = is_true(members, "silver");
  out.dry_run = is_true(members, "dry_run");
  if (out.silver && !out.view.empty()) return wrong("/view", "Name a view, or silver, not both.");
  if (!members["from"].get(text)) {
    out.from = parse_point(text);
    if (!out.from) return wrong("/from", std::string(kPointHint));
  }
  if (!members["cores"].get(number)) {
    if (number == 0 || number > 256) return wrong("/cores", "Send 1 to 256.");
    out.cores = static_cast<uint32_t>(number);
  }
  if (out.cores == 0) out.cores = std::max(1U, std::thread::hardware_concurrency());
  if (!members["rate"].get(number)) out.rate = number;
  return out;
}

}  // namespace lode::admin
