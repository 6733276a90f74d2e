#include "materialize/ruleset.h"

#include <toml++/toml.h>
#include <xxhash.h>

#include <charconv>

#include "env/newer_format.h"
#include "gold/gold.h"
#include "silver/country.h"

namespace lode::materialize {

namespace {

// Raised whenever the code changes what rows come out of the same records and configuration.
constexpr uint64_t kRowsVersion = 1;
constexpr int64_t kFormat = 1;
constexpr std::string_view kViewLine = "--- view\n";

std::string hex(uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[number >> shift & 15];
  return out;
}

std::string list_of(const std::set<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + gold::toml_quoted(text);
  return out + "]";
}

std::string rules_of(silver::RuleSet off) {
  std::set<std::string> names;
  for (silver::Rule rule : silver::kRules) {
    if (off & silver::bit(rule)) names.emplace(to_string(rule));
  }
  return list_of(names);
}

std::string aliases_of(const std::map<std::string, std::string>& aliases) {
  std::string out = "[";
  for (const auto& [name, code] : aliases)
    out += (out.size() > 1 ? ", [" : "[") + gold::toml_quoted(name) + ", " + gold::toml_quoted(code) + "]";
  return out + "]";
}

std::string changes_of(const gold::ZoneRules& zone) {
  std::string out = "[";
  for (const auto& [at, offset] : zone.changes)
    out += (out.size() > 1 ? ", [" : "[") + std::to_string(at) + ", " + std::to_string(offset) + "]";
  return out + "]";
}

// A table's members by name; what is missing or of another type is refused with its place.
class Section {
 public:
  Section(const toml::table& root, std::string name) : name_(std::move(name)) {
    const toml::node* node = root.get(name_);
    if (!node || !node->is_table()) throw InvalidRuleset("a ruleset without its part [" + name_ + "]");
    table_ = node->as_table();
  }

  template <typename T>
  T get(const char* key) const {
    const toml::node* node = table_->get(key);
    auto value = node ? node->value_exact<T>() : std::nullopt;
    if (!value) fail(key);
    return *value;
  }
  uint32_t count(const char* key) const {
    auto value = get<int64_t>(key);
    if (value < 0 || value > UINT32_MAX) fail(key);
    return static_cast<uint32_t>(value);
  }
  const toml::array& list(const char* key) const {
    const toml::node* node = table_->get(key);
    if (!node || !node->is_array()) fail(key);
    return *node->as_array();
  }
  template <typename T>
  std::vector<T> items(const char* key) const {
    std::vector<T> out;
    for (const toml::node& node : list(key)) out.push_back(item<T>(node, key));
    return out;
  }
  template <typename First, typename Second>
  std::vector<std::pair<First, Second>> pairs(const char* key) const {
    std::vector<std::pair<First, Second>> out;
    for (const toml::node& node : list(key)) {
      const toml::array* pair = node.as_array();
      if (!pair || pair->size() != 2) fail(key);
      out.emplace_back(item<First>(*pair->get(0), key), item<Second>(*pair->get(1), key));
    }
    return out;
  }

 private:
  template <typename T>
  T item(const toml::node& node, const char* key) const {
    auto value = node.value_exact<T>();
    if (!value) fail(key);
    return *value;
  }
  [[noreturn]] void fail(const char* key) const {
    throw InvalidRuleset("a ruleset whose " + name_ + "." + key + " can't be read");
  }

  std::string name_;
  const toml::table* table_ = nullptr;
};

uint64_t number_of_hex(const std::string& text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size() || text.size() != 16)
    throw InvalidRuleset("a ruleset whose ruleset.program can't be read");
  return number;
}

silver::Settings silver_of(const toml::table& root) {
  Section in(root, "silver");
  silver::Settings out;
  for (std::string& sku : in.items<std::string>("fee_skus")) out.fee_skus.insert(std::move(sku));
  for (auto& [name, code] : in.pairs<std::string, std::string>("country_aliases"))
    out.country_aliases[std::move(name)] = std::move(code);
  for (const std::string& name : in.items<std::string>("disabled_rules")) {
    auto rule = silver::rule_of(name);
    if (!rule) throw InvalidRuleset("a ruleset that switches off '" + name + "', which is no rule here");
    out.switched_off |= silver::bit(*rule);
  }
  out.returning_from = in.count("returning_from");
  out.loyal_from = in.count("loyal_from");
  out.earliest_micros = in.get<int64_t>("earliest_micros");
  out.latest_after_receive_micros = in.get<int64_t>("latest_after_receive_micros");
  return out;
}

gold::ZoneRules zone_of(const toml::table& root) {
  Section in(root, "time_zone");
  gold::ZoneRules out;
  out.name = in.get<std::string>("name");
  out.first_offset = static_cast<int32_t>(in.get<int64_t>("first_offset"));
  for (auto [at, offset] : in.pairs<int64_t, int64_t>("changes")) {
    if (!out.changes.empty() && at <= out.changes.back().at_seconds)
      throw InvalidRuleset("a ruleset whose time_zone.changes are not in order");
    out.changes.push_back({at, static_cast<int32_t>(offset)});
  }
  return out;
}

}  // namespace

uint64_t program_rules() {
  uint64_t parts[] = {kRowsVersion, silver::country_tables_hash()};
  return XXH3_64bits(parts, sizeof parts);
}

uint64_t Ruleset::hash() const {
  uint64_t parts[] = {kRowsVersion, silver.hash(), gold::ruleset_hash(views, zone)};
  return XXH3_64bits(parts, sizeof parts);
}

uint64_t Ruleset::rules_hash() const {
  uint64_t parts[] = {kRowsVersion, silver.hash(), zone.hash()};
  return XXH3_64bits(parts, sizeof parts);
}

std::string Ruleset::encode() const {
  std::string out = "[ruleset]\nformat = " + std::to_string(kFormat) + "\nprogram = \"" + hex(program) +
                    "\"\n[silver]\nfee_skus = " + list_of(silver.fee_skus) +
                    "\ncountry_aliases = " + aliases_of(silver.country_aliases) +
                    "\ndisabled_rules = " + rules_of(silver.switched_off) +
                    "\nreturning_from = " + std::to_string(silver.returning_from) +
                    "\nloyal_from = " + std::to_string(silver.loyal_from) +
                    "\nearliest_micros = " + std::to_string(silver.earliest_micros) +
                    "\nlatest_after_receive_micros = " + std::to_string(silver.latest_after_receive_micros) +
                    "\n[time_zone]\nname = " + gold::toml_quoted(zone.name) +
                    "\nfirst_offset = " + std::to_string(zone.first_offset) +
                    "\nchanges = " + changes_of(zone) + "\n";
  std::map<std::string, std::string> by_name;
  for (const gold::View& view : views) by_name[view.name] = gold::to_toml(view);
  for (const auto& [name, view] : by_name) (out += kViewLine) += view;
  return out;
}

Ruleset Ruleset::decode(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at != std::string_view::npos;) {
    size_t next = text.find(kViewLine, at);
    parts.push_back(text.substr(at, next == std::string_view::npos ? next : next - at));
    at = next == std::string_view::npos ? next : next + kViewLine.size();
  }
  Ruleset out;
  try {
    toml::table root = toml::parse(parts.front());
    Section head(root, "ruleset");
    if (const auto format = head.get<int64_t>("format"); format != kFormat)
      throw InvalidRuleset(env::newer_format("the ruleset", static_cast<uint64_t>(format), kFormat));
    out.program = number_of_hex(head.get<std::string>("program"));
    out.silver = silver_of(root);
    out.zone = zone_of(root);
    for (size_t i = 1; i < parts.size(); ++i) {
      out.views.push_back(gold::parse_view(parts[i], "view " + std::to_string(i) + " of the ruleset"));
      if (i > 1 && out.views[i - 1].name <= out.views[i - 2].name)
        throw InvalidRuleset("a ruleset whose views are not in the order of their names");
    }
  } catch (const toml::parse_error& error) {
    throw InvalidRuleset("a ruleset that is no TOML: " + std::string(error.description()));
  } catch (const gold::InvalidView& error) {
    throw InvalidRuleset(error.what());
  }
  return out;
}

}  // namespace lode::materialize
