#include "node/ruleset.h"

#include "event/time.h"
#include "node/built_in.h"

namespace lode::node {

namespace {

silver::Settings silver_of(const Config& config) {
  silver::Settings settings;
  settings.fee_skus.insert(config.fee_skus.begin(), config.fee_skus.end());
  settings.country_aliases = config.country_aliases;
  for (const std::string& name : config.disabled_rules) {
    auto rule = silver::rule_of(name);
    if (!rule) throw InvalidConfig("silver.disabled_rules: there is no rule '" + name + "'");
    settings.switched_off |= silver::bit(*rule);
  }
  settings.returning_from = static_cast<uint32_t>(config.returning_from);
  settings.loyal_from = static_cast<uint32_t>(config.loyal_from);
  event::Micros earliest;
  if (!event::parse_rfc3339(config.earliest, earliest))
    throw InvalidConfig("silver.earliest: '" + config.earliest +
                        "' is no RFC 3339 time; write 1990-01-01T00:00:00Z");
  settings.earliest_micros = earliest.value;
  settings.latest_after_receive_micros =
      static_cast<int64_t>(config.latest_after_receive_seconds) * 1'000'000;
  return settings;
}

std::vector<gold::View> views_of(const Config& config) {
  if (!config.views_dir.empty()) return gold::read_views(config.views_dir);
  std::vector<gold::View> views;
  for (const BuiltIn& file : built_in_views()) views.push_back(gold::parse_view(file.text, file.name));
  return views;
}

}  // namespace

materialize::Ruleset configured_ruleset(const Config& config) {
  return {silver_of(config), views_of(config), gold::ZoneRules::of_machine(config.time_zone)};
}

}  // namespace lode::node
