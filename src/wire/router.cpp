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

}  // namespace lode::wire
