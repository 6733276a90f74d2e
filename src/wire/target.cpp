#include "wire/target.h"

#include "wire/utf8.h"

namespace lode::wire {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
  out.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return false;
      int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return false;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out.find('\0') == std::string::npos && is_utf8(out);
}

bool split_path(std::string_view path, std::vector<std::string>& segments) {
  path.remove_prefix(1);
  if (path.empty()) return true;
  while (true) {
    size_t slash = path.find('/');
    if (!percent_decode(path.substr(0, slash), false, segments.emplace_back())) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool split_query(std::string_view query, query::Parameters& parameters) {
  while (!query.empty()) {
    size_t end = query.find('&');
    std::string_view part = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (part.empty()) continue;
    size_t equals = part.find('=');
    auto& [name, value] = parameters.emplace_back();
    if (!percent_decode(part.substr(0, equals), true, name)) return false;
    if (equals != std::string_view::npos && !percent_decode(part.substr(equals + 1), true, value))
      return false;
  }
  return true;
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  if (text.empty() || text[0] != '/') return std::nullopt;
  Target target;
  size_t question = text.find('?');
  std::string_view path = text.substr(0, question);
  target.path = path;
  if (!split_path(path, target.segments)) return std::nullopt;
  if (question != std::string_view::npos && !split_query(text.substr(question + 1), target.parameters)) {
    return std::nullopt;
  }
  return target;
}

}  // namespace lode::wire
