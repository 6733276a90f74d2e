#include "lodectl/shown_rows.h"

#include <simdjson.h>

#include <algorithm>
#include <functional>

namespace lode::lodectl {

void ShownRows::begin() {
  unseen_.clear();
  for (const auto& [key, hash] : shown_) unseen_.insert(key);
}

bool ShownRows::is_news(std::string_view row) {
  std::string key = key_of(row);
  size_t hash = std::hash<std::string_view>()(row);
  bool again = unseen_.erase(key) > 0;
  auto [at, is_new] = shown_.try_emplace(std::move(key), hash);
  bool same = again && !is_new && at->second == hash;
  at->second = hash;
  return !same;
}

void ShownRows::remove(std::string_view key) {
  std::string own = key_of(key);
  shown_.erase(own);
  unseen_.erase(own);
}

std::vector<std::string> ShownRows::take_gone() {
  std::vector<std::string> gone(unseen_.begin(), unseen_.end());
  std::sort(gone.begin(), gone.end());
  for (const std::string& key : gone) shown_.erase(key);
  unseen_.clear();
  return gone;
}

std::string ShownRows::key_of(std::string_view row) const {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  std::string out = "{";
  if (parser.parse(row.data(), row.size()).get(object)) return std::string(row);
  for (auto [name, value] : object) {
    if (std::find(keys_.begin(), keys_.end(), name) == keys_.end()) continue;
    if (out.size() > 1) out += ',';
    out += '"' + std::string(name) + "\":" + simdjson::minify(value);
  }
  return out + '}';
}

}  // namespace lode::lodectl
