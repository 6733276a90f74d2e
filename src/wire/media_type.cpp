#include "wire/media_type.h"

namespace lode::wire {
namespace {

bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter_or_digit && std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos)
      return false;
  }
  return true;
}

// Takes a quoted string off the front of `text`; false when it does not end.
bool take_quoted(std::string_view& text, std::string& value) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return true;
    }
    if (text[i] == '\\' && ++i == text.size()) return false;
    value += text[i];
  }
  return false;
}

bool take_parameter(std::string_view& text, std::pair<std::string, std::string>& parameter) {
  size_t equals = text.find('=');
  if (equals == std::string_view::npos || !is_token(text.substr(0, equals))) return false;
  parameter.first = lower_case(text.substr(0, equals));
  text.remove_prefix(equals + 1);
  if (!text.empty() && text.front() == '"') return take_quoted(text, parameter.second);
  size_t end = text.find_first_of("; \t");
  parameter.second = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  return is_token(parameter.second);
}

}  // namespace

const std::string* MediaType::parameter(std::string_view parameter_name) const {
  for (const auto& [key, value] : parameters) {
    if (key == parameter_name) return &value;
  }
  return nullptr;
}

std::optional<MediaType> parse_media_type(std::string_view text) {
  MediaType type;
  text = trim_space(text);
  size_t semicolon = text.find(';');
  std::string_view name = trim_space(text.substr(0, semicolon));
  size_t slash = name.find('/');
  if (slash == std::string_view::npos || !is_token(name.substr(0, slash)) ||
      !is_token(name.substr(slash + 1))) {
    return std::nullopt;
  }
  type.name = lower_case(name);
  text.remove_prefix(semicolon == std::string_view::npos ? text.size() : semicolon);
  while (!(text = trim_space(text)).empty()) {
    if (text.front() != ';') return std::nullopt;
    text.remove_prefix(1);
    text = trim_space(text);
    if (text.empty() || text.front() == ';') continue;
    if (!take_parameter(text, type.parameters.emplace_back())) return std::nullopt;
  }
  return type;
}

std::string_view trim_space(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace lode::wire
