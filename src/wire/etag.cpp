#include "wire/etag.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "wire/media_type.h"

namespace lode::wire {

std::string make_etag(std::string_view path, query::Parameters parameters, std::string_view media_type,
                      const query::Result& result, uint64_t rules_hash) {
  std::stable_sort(parameters.begin(), parameters.end());
  std::string text;
  auto add = [&](std::string_view part) { text += std::to_string(part.size()) + ":" + std::string(part); };
  add(path);
  add(media_type);
  for (const auto& [name, value] : parameters) {
    add(name);
    add(value);
  }
  text += std::to_string(result.view_version) + ":" + std::to_string(rules_hash);
  const std::string change = result.last_change ? fmt::format("{:x}", result.last_change->value) : "none";
  return fmt::format("W/\"{:016x}-{}\"", XXH64(text.data(), text.size(), 0), change);
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  while (!if_none_match.empty()) {
    size_t comma = if_none_match.find(',');
    std::string_view tag = trim_space(if_none_match.substr(0, comma));
    if_none_match.remove_prefix(comma == std::string_view::npos ? if_none_match.size() : comma + 1);
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag) return true;
  }
  return false;
}

}  // namespace lode::wire
