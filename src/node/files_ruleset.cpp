#include "node/files_ruleset.h"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace lode::node {
namespace {

using materialize::Ruleset;

// What the files said at the last start that came to its end; and what they say in a change that was
// proposed, behind the hash of the ruleset that it leads to, 16 hex digits.
constexpr std::string_view kSaid = "files", kProposed = "files.proposed";

std::optional<Ruleset> decoded(std::string_view text) {
  try {
    return Ruleset::decode(text);
  } catch (const materialize::InvalidRuleset&) {
    return std::nullopt;  // of another program: as if nothing was known
  }
}

std::string hex(uint64_t hash) { return fmt::format("{:016x}", hash); }

std::optional<Ruleset> said_before(const log::Log& log, uint64_t in_force) {
  const auto proposed = log.get_meta(kProposed);
  if (proposed && proposed->starts_with(hex(in_force)))
    return decoded(std::string_view(*proposed).substr(16));
  const auto said = log.get_meta(kSaid);
  return said ? decoded(*said) : std::nullopt;
}

std::string silver_text(const Ruleset& rules) {
  Ruleset only;
  only.silver = rules.silver;
  return only.encode();
}
std::string zone_text(const Ruleset& rules) {
  Ruleset only;
  only.zone = rules.zone;
  return only.encode();
}

// By name; what is not there is "".
std::map<std::string, std::string> view_texts(const Ruleset& rules) {
  std::map<std::string, std::string> out;
  for (const gold::View& view : rules.views) out[view.name] = gold::to_toml(view);
  return out;
}

}  // namespace

Ruleset with_changes(Ruleset in_force, const Ruleset& before, const Ruleset& files) {
  if (silver_text(in_force) == silver_text(before)) in_force.silver = files.silver;
  if (zone_text(in_force) == zone_text(before)) in_force.zone = files.zone;
  auto then = view_texts(before), now = view_texts(in_force);
  std::map<std::string, gold::View> out;
  for (const gold::View& view : in_force.views) {
    if (now[view.name] != then[view.name]) out[view.name] = view;
  }
  for (const gold::View& view : files.views) {
    if (now[view.name] == then[view.name]) out[view.name] = view;
  }
  in_force.views.clear();
  for (auto& [name, view] : out) in_force.views.push_back(std::move(view));
  return in_force;
}

FilesRuleset::FilesRuleset(log::Log& log, Ruleset files)
    : log_(log), files_(std::move(files)), wanted_(files_) {
  const auto controls = materialize::ControlState::load(log_);
  if (!controls) return;
  const auto& last = controls->next ? *controls->next : controls->active;
  const auto said = decoded(last.text);
  if (!said) return;
  const auto proposed = log_.get_meta(kProposed);
  const bool on_its_way = controls->next && proposed && proposed->starts_with(hex(last.hash));
  wanted_ = with_changes(*said, said_before(log_, last.hash).value_or(*said), files_);
  wanted_.program = materialize::program_rules();
  have_a_say_ = on_its_way || wanted_.encode() != last.text;
}

std::string FilesRuleset::by_command() const {
  std::string out;
  auto add = [&](const std::string& what) { out += (out.empty() ? "" : ", ") + what; };
  if (silver_text(wanted_) != silver_text(files_)) add("silver's rules");
  if (zone_text(wanted_) != zone_text(files_)) add("the time zone");
  auto here = view_texts(wanted_), there = view_texts(files_);
  for (const auto& [name, text] : here) {
    if (text != there[name]) add("the view `" + name + "`");
  }
  for (const auto& [name, text] : there) {
    if (!text.empty() && here[name].empty()) add("the view `" + name + "`, which was dropped");
  }
  return out;
}

void FilesRuleset::announce() { log_.put_meta(kProposed, hex(wanted_.hash()) + files_.encode()); }

void FilesRuleset::settle() {
  const std::string text = files_.encode();
  if (log_.get_meta(kSaid) != text) log_.put_meta(kSaid, text);
  if (!log_.get_meta(kProposed).value_or("").empty()) log_.put_meta(kProposed, "");
}

}  // namespace lode::node
