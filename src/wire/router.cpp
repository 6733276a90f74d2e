#include <algorithm>

#include "query/page.h"
#include "wire/route.h"

namespace lode::wire {
namespace {

std::string_view method_name(Method method) { return method == Method::post ? "POST" : "GET, HEAD"; }

bool path_matches(std::string_view pattern, std::span<const std::string> segments,
                  std::vector<std::string>& captures) {
  captures.clear();
  pattern.remove_prefix(1);
  size_t index = 0;
  while (!pattern.empty()) {
    if (index == segments.size()) return false;
    size_t slash = pattern.find('/');
    std::string_view part = pattern.substr(0, slash);
    if (part.front() == '{') {
      if (segments[index].empty()) return false;
      captures.push_back(segments[index]);
    } else if (part != segments[index]) {
      return false;
    }
    ++index;
    pattern.remove_prefix(slash == std::string_view::npos ? pattern.size() : slash + 1);
  }
  return index == segments.size();
}

}  // namespace

Match match_route(Method method, std::span<const std::string> segments) {
  Match match;
  std::vector<std::string> captures;
  for (const Route& route : routes()) {
    if (!path_matches(route.path, segments, captures)) continue;
    if (route.method == method || (route.method == Method::get && method == Method::head)) {
      match.route = &route;
      match.captures = std::move(captures);
      return match;
    }
    if (!match.allowed.empty()) match.allowed += ", ";
    match.allowed += method_name(route.method);
  }
  if (!match.allowed.empty()) match.allowed += ", OPTIONS";
  return match;
}

std::optional<query::Failure> refuse_unknown(const Route& route, const query::Parameters& parameters) {
  if (parameters.empty()) return std::nullopt;
  std::vector<std::string> known;
  for (const Parameter& parameter : route.parameters) {
    if (parameter.in != Parameter::In::query) continue;
    if (parameter.columns) return std::nullopt;
    known.emplace_back(parameter.name);
  }
  for (const auto& [name, value] : parameters) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string hint =
        known.empty() ? "it takes none." : "did you mean '" + query::nearest(name, known) + "'?";
    auto failure =
        query::invalid_parameter(name, "There is no parameter '" + name.substr(0, 64) + "' here; " + hint);
    failure.problem.code = "unknown_parameter";
    return failure;
  }
  return std::nullopt;
}

}  // namespace lode::wire
