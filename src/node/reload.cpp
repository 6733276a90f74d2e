#include "node/reload.h"

#include <fmt/format.h>

#include <algorithm>

#include "env/log.h"
#include "node/config_keys.h"
#include "wire/json_text.h"

namespace lode::node {

namespace {

std::string json_of(const std::vector<KeyChange>& changes) {
  std::string out;
  for (const KeyChange& change : changes) {
    out += fmt::format(R"({}{{"key":{},"from":{},"to":{}}})", out.empty() ? "" : ",",
                       wire::json_string(change.name), wire::json_string(change.from),
                       wire::json_string(change.to));
  }
  return "[" + out + "]";
}

std::string names_of(const std::vector<KeyChange>& changes) {
  std::string out;
  for (const KeyChange& change : changes) out += (out.empty() ? "" : ", ") + change.name;
  return out;
}

// `to`'s values of live keys, and `from`'s of all others: what the process runs with from now on.
Config with_live_keys(const Config& from, const Config& to) {
  Config out = from, wanted = to;
  for (const Key& key : all_keys()) {
    if (!key.live) continue;
    const Target source = key.target(wanted), target = key.target(out);
    std::visit([&](auto* value) { *value = *std::get<decltype(value)>(source); }, target);
  }
  return out;
}

std::vector<std::string> files_of(const Config& config) {
  std::vector<std::string> out;
  if (!config.mappings_dir.empty()) out.emplace_back("mappings");
  if (!config.tls_ca.empty()) out.emplace_back("certificates");
  return out;
}

void say(const Reloaded& reloaded) {
  env::log_info("config.reloaded", sentence_of(reloaded),
                {{"taken", names_of(reloaded.taken)}, {"left", names_of(reloaded.left)}});
  for (const KeyChange& change : reloaded.left)
    env::log_warning(
        "config.left",
        fmt::format("{} is {} until the next start, and {} then", change.name, change.from, change.to),
        {{"key", change.name}, {"now", change.from}, {"then", change.to}});
}

}  // namespace

std::string json_of(const Reloaded& reloaded, bool dry_run) {
  std::string files;
  for (const std::string& name : reloaded.read_again)
    files += (files.empty() ? "" : ",") + wire::json_string(name);
  return fmt::format(R"({{"dry_run":{},"taken":{},"left":{},"read_again":[{}]}})", dry_run,
                     json_of(reloaded.taken), json_of(reloaded.left), files);
}

std::string sentence_of(const Reloaded& reloaded) {
  std::string out = reloaded.taken.empty() ? "the configuration was read again, and no value changed"
                                           : "taken over: " + names_of(reloaded.taken);
  if (!reloaded.left.empty()) out += "; only the next start takes " + names_of(reloaded.left);
  return out;
}

Reload::Taking::Taking(Reload& reload, Take take) : reload_(reload) {
  std::lock_guard lock(reload_.mutex_);
  reload_.take_ = std::move(take);
}

Reload::Taking::~Taking() {
  std::lock_guard lock(reload_.mutex_);
  reload_.take_ = nullptr;
}

Reload::Reload(ConfigSource source, Vigil& vigil)
    : source_(std::move(source)), vigil_(vigil), now_(source_.read()) {}

Config Reload::config() const {
  std::lock_guard lock(mutex_);
  return now_;
}

std::variant<Reloaded, event::Problem> Reload::run(bool dry_run) {
  std::lock_guard lock(mutex_);
  if (dry_run) return run_held(true);
  vigil_.begin_reload();
  auto outcome = run_held(false);
  const auto* problem = std::get_if<event::Problem>(&outcome);
  vigil_.end_reload(problem ? problem->detail : sentence_of(std::get<Reloaded>(outcome)));
  return outcome;
}

std::variant<Reloaded, event::Problem> Reload::run_held(bool dry_run) {
  if (!take_)
    return event::Problem{"not_ready", "",
                          "The data folder is being opened or closed: ask again in a moment."};
  try {
    const Config wanted = source_.read();
    const Config next = with_live_keys(now_, wanted);
    take_(next, dry_run);
    Reloaded out{{}, {}, files_of(next)};
    for (KeyChange& change : changes_of(now_, wanted))
      (change.live ? out.taken : out.left).push_back(std::move(change));
    if (dry_run) return out;
    now_ = next;
    say(out);
    return out;
  } catch (const std::exception& error) {
    const auto text =
        fmt::format("the configuration can't be taken over, and nothing changed: {}", error.what());
    if (!dry_run) env::log_error("config.refused", text, {{"error", error.what()}});
    return event::Problem{"invalid_configuration", "", text};
  }
}

}  // namespace lode::node
