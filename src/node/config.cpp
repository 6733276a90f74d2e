#include "node/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "env/address.h"
#include "env/cron.h"
#include "node/cluster_config.h"
#include "node/config_keys.h"
#include "node/log_output.h"
#include "query/page.h"
#include "silver/country.h"

namespace lode::node {

namespace {

[[noreturn]] void fail(const std::string& place, const std::string& what) {
  throw InvalidConfig(place + ": " + what);
}

[[noreturn]] void fail_unknown(const std::string& place, const std::string& name) {
  std::vector<std::string> known;
  for (const Key& key : all_keys()) known.push_back(key.name);
  fail(place, "unknown key '" + name + "'; did you mean '" + query::nearest(name, known) + "'?");
}

void check_range(const Key& key, uint64_t value, const std::string& place) {
  if (value < key.least || value > key.most)
    fail(place, "'" + key.name + "' is " + std::to_string(value) + "; give a number from " +
                    std::to_string(key.least) + " to " + std::to_string(key.most));
}

// A value of the file. False: of another type than the key's.
struct FromToml {
  const toml::node& node;
  bool operator()(std::string* out) const {
    auto value = node.value_exact<std::string>();
    if (value) *out = *value;
    return value.has_value();
  }
  bool operator()(uint64_t* out) const {
    auto value = node.value_exact<int64_t>();
    if (!value || *value < 0) return false;
    *out = static_cast<uint64_t>(*value);
    return true;
  }
  bool operator()(bool* out) const {
    auto value = node.value_exact<bool>();
    if (value) *out = *value;
    return value.has_value();
  }
  bool operator()(std::vector<std::string>* out) const {
    const toml::array* array = node.as_array();
    if (!array) return false;
    out->clear();
    for (const auto& element : *array) {
      auto value = element.value_exact<std::string>();
      if (!value) return false;
      out->push_back(*value);
    }
    return true;
  }
  bool operator()(std::map<std::string, std::string>* out) const {
    const toml::table* table = node.as_table();
    if (!table) return false;
    out->clear();
    for (const auto& [name, element] : *table) {
      auto value = element.value_exact<std::string>();
      if (!value) return false;
      (*out)[std::string(name.str())] = *value;
    }
    return true;
  }
};

std::string trimmed(std::string_view text) {
  size_t from = text.find_first_not_of(" \t"), to = text.find_last_not_of(" \t");
  return from == std::string_view::npos ? "" : std::string(text.substr(from, to - from + 1));
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  size_t at = 0;
  while (at <= text.size() && !text.empty()) {
    size_t comma = std::min(text.find(',', at), text.size());
    parts.push_back(trimmed(std::string_view(text).substr(at, comma - at)));
    at = comma + 1;
  }
  return parts;
}

// A value of a flag or a variable: lists are "a,b", tables "name=code,name=code".
struct FromText {
  const std::string& text;
  bool operator()(std::string* out) const {
    *out = text;
    return true;
  }
  bool operator()(uint64_t* out) const {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
    return error == std::errc() && end == text.data() + text.size();
  }
  bool operator()(bool* out) const {
    *out = text == "true" || text == "1";
    return *out || text == "false" || text == "0";
  }
  bool operator()(std::vector<std::string>* out) const {
    *out = split(text);
    return true;
  }
  bool operator()(std::map<std::string, std::string>* out) const {
    out->clear();
    for (const std::string& pair : split(text)) {
      size_t equals = pair.find('=');
      if (equals == std::string::npos) return false;
      (*out)[trimmed(pair.substr(0, equals))] = trimmed(pair.substr(equals + 1));
    }
    return true;
  }
};

std::string type_of(const Target& target) {
  constexpr const char* kTypes[] = {"text", "a whole number", "true or false", "a list of texts",
                                    "a table of texts"};
  return kTypes[target.index()];
}

// A value as the file has it.
struct AsToml {
  std::string operator()(std::string* v) const { return '"' + *v + '"'; }
  std::string operator()(uint64_t* v) const { return std::to_string(*v); }
  std::string operator()(bool* v) const { return *v ? "true" : "false"; }
  std::string operator()(std::vector<std::string>* v) const {
    std::string out;
    for (std::string& text : *v) out += (out.empty() ? "" : ", ") + (*this)(&text);
    return "[" + out + "]";
  }
  std::string operator()(std::map<std::string, std::string>* v) const {
    std::string out;
    for (auto& [name, text] : *v) out += (out.empty() ? "\"" : ", \"") + name + "\" = " + (*this)(&text);
    return out.empty() ? "{}" : "{ " + out + " }";
  }
};

template <typename From>
void set(Config& config, const Key& key, const From& from, const std::string& place) {
  Target target = key.target(config);
  if (!std::visit(from, target)) fail(place, "'" + key.name + "' takes " + type_of(target));
  if (auto* number = std::get_if<uint64_t*>(&target)) check_range(key, **number, place);
}

void set_table(Config& config, const toml::table& table, const std::string& prefix, const std::string& file) {
  for (const auto& [name, node] : table) {
    std::string full = prefix + std::string(name.str());
    std::string place = file + ":" + std::to_string(node.source().begin.line);
    if (const Key* key = find_key(full))
      set(config, *key, FromToml{node}, place);
    else if (const toml::table* inner = node.as_table(); inner && prefix.empty())
      set_table(config, *inner, full + ".", file);
    else
      fail_unknown(place, full);
  }
}

void check_listen(const Config& config, const std::string& key, const std::string& address) {
  const auto parsed = env::parse_address(address);
  if (!parsed) fail(key, "'" + address + "' is no address:port; write 127.0.0.1:7070 or [::1]:7070");
  if (parsed->loopback || config.insecure) return;
  fail(key, "'" + address +
                "' is not a loopback address. Whoever reaches it could read and write everything, because "
                "connections are "
                "neither encrypted nor asked for a key; listen on 127.0.0.1 behind a proxy that does both, "
                "or set insecure = true "
                "if the network itself is safe");
}

void check_log(const Config& config) {
  auto check = [](const char* key, const auto& parse) {
    try {
      parse();
    } catch (const std::invalid_argument& error) {
      fail(key, error.what());
    }
  };
  check("log.level", [&] { log_level_of(config.log_level); });
  check("log.format", [&] { log_form_of(config.log_format); });
}

void check_silver(const Config& config) {
  if (config.returning_from > config.loyal_from)
    fail("silver.returning_from", "it is " + std::to_string(config.returning_from) +
                                      " and silver.loyal_from is " + std::to_string(config.loyal_from) +
                                      ": a customer who is `loyal` first would never be `returning`; make "
                                      "returning_from the smaller one");
  try {
    silver::Countries countries(config.country_aliases);
  } catch (const std::invalid_argument& error) {
    throw InvalidConfig(error.what());
  }
}

void check_schedules(const Config& config) {
  const auto check = [](const char* key, const std::string& expression, const std::string& zone) {
    if (expression.empty()) return;
    try {
      if (!env::Cron(expression, zone).next(0)) fail(key, "there is no day on which that would be due");
    } catch (const std::invalid_argument& error) {
      fail(key, error.what());
    }
  };
  check("compact.schedule", config.compact_schedule, config.compact_time_zone);
  check("backup.schedule", config.backup_schedule, config.backup_time_zone);
  if (!config.backup_schedule.empty() && config.backup_dir.empty())
    fail("backup.dir", "backup.schedule says when, and this has to say into which folder");
}

}  // namespace

std::string variable_of(std::string_view key) {
  std::string name = "LODE_";
  for (char c : key) name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string flag_of(std::string_view key) {
  std::string name(key);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '_'; }, '-');
  return name;
}

std::vector<KeyChange> changes_of(const Config& from, const Config& to) {
  std::vector<KeyChange> out;
  Config before = from, after = to;
  for (const Key& key : all_keys()) {
    KeyChange change{key.name, std::visit(AsToml{}, key.target(before)),
                     std::visit(AsToml{}, key.target(after)), key.live};
    if (change.from != change.to) out.push_back(std::move(change));
  }
  return out;
}

std::vector<KeyHelp> config_keys() {
  Config defaults;
  std::vector<KeyHelp> help;
  for (const Key& key : all_keys()) {
    Target target = key.target(defaults);
    help.push_back({key.name, type_of(target), std::visit(AsToml{}, target), key.text, key.live});
  }
  return help;
}

Config read_config(const std::string& file, const Settings& environment, const Settings& flags) {
  Config config;
  if (!file.empty()) {
    try {
      set_table(config, toml::parse_file(file), "", file);
    } catch (const toml::parse_error& error) {
      fail(file + ":" + std::to_string(error.source().begin.line), std::string(error.description()));
    }
  }
  for (const Key& key : all_keys())
    for (const auto& [name, value] : environment)
      if (name == variable_of(key.name)) set(config, key, FromText{value}, name);
  for (const auto& [name, value] : flags) {
    const Key* key = find_key(name);
    if (!key) fail_unknown("--" + flag_of(name), name);
    set(config, *key, FromText{value}, "--" + flag_of(name));
  }
  check_listen(config, "http.listen", config.http_listen);
  check_listen(config, "tcp.listen", config.tcp_listen);
  check_log(config);
  check_silver(config);
  check_schedules(config);
  check_cluster(config);
  return config;
}

}  // namespace lode::node
