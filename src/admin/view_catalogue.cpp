#include "admin/view_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "event/json_text.h"

namespace lode::admin {
namespace {

using gold::View;
using State = CatalogueEntry::State;

using ByName = std::map<std::string_view, const View*>;
ByName by_name(const std::vector<View>& views) {
  ByName out;
  for (const View& view : views) out[view.name] = &view;
  return out;
}

struct HowFar {
  uint64_t done = 0, total = 0;
  double percent = 0;
  std::optional<uint64_t> seconds_left;
};

HowFar how_far(const materialize::BuildStatus& build) {
  HowFar out{std::min(build.records, build.of_records), build.of_records, 0, std::nullopt};
  out.percent = out.total == 0 ? 100 : 100.0 * static_cast<double>(out.done) / static_cast<double>(out.total);
  if (build.records_a_second > 0)
    out.seconds_left =
        static_cast<uint64_t>(std::ceil(static_cast<double>(out.total - out.done) / build.records_a_second));
  return out;
}

std::string_view stage_of(const materialize::BuildStatus& build) {
  if (!build.trouble.empty()) return "stopped";
  return build.entry >= build.of ? "built, waiting until all nodes are" : "building";
}

}  // namespace

const CatalogueEntry* ViewCatalogue::find(std::string_view name) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const CatalogueEntry& one) { return one.view.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

ViewCatalogue catalogue_of(const std::vector<View>& serving, const materialize::Ruleset* in_force,
                           const materialize::Ruleset* next, std::optional<materialize::BuildStatus> build) {
  ViewCatalogue out;
  out.build = std::move(build);
  const ByName described = in_force ? by_name(in_force->views) : ByName();
  const ByName coming = by_name(next ? next->views : serving);
  for (const View& view : serving) {
    CatalogueEntry& entry = out.entries.emplace_back();
    entry.view = view;
    const auto words = described.find(view.name);
    if (words != described.end() && words->second->version == view.version)
      entry.view.description = words->second->description;
    const auto then = coming.find(view.name);
    if (then == coming.end()) {
      entry.state = State::dropping;
    } else if (then->second->version != view.version) {
      entry.state = State::changing;
      entry.next = *then->second;
    }
  }
  const ByName now = by_name(serving);
  for (const auto& [name, view] : coming) {
    if (!now.contains(name)) out.entries.push_back({*view, State::building, std::nullopt});
  }
  std::sort(out.entries.begin(), out.entries.end(),
            [](const auto& a, const auto& b) { return a.view.name < b.view.name; });
  return out;
}

std::string_view to_string(State state) {
  constexpr std::array<std::string_view, 4> kNames = {"serving", "building", "changing", "dropping"};
  return kNames.at(static_cast<size_t>(state));
}

std::string progress_json(const materialize::BuildStatus& build) {
  const HowFar far = how_far(build);
  std::string trouble;
  event::append_quoted(trouble, build.trouble);
  return fmt::format(
      R"({{"stage":"{}","done":{},"total":{},"unit":"records","percent":{:.1f},"per_second":{},)"
      R"("seconds_left":{},"trouble":{}}})",
      stage_of(build), far.done, far.total, far.percent,
      build.records_a_second > 0 ? fmt::format("{:.0f}", build.records_a_second) : "null",
      far.seconds_left ? std::to_string(*far.seconds_left) : "null",
      build.trouble.empty() ? "null" : trouble);
}

std::string progress_text(const materialize::BuildStatus& build) {
  if (!build.trouble.empty()) return "stopped: " + build.trouble;
  const HowFar far = how_far(build);
  std::string out = fmt::format("{:.0f} % ({} of {} records", std::floor(far.percent), far.done, far.total);
  if (build.records_a_second > 0) out += fmt::format(", {:.0f}/s", build.records_a_second);
  if (far.seconds_left) out += fmt::format(", {} s left", *far.seconds_left);
  return out + ")";
}

}  // namespace lode::admin
