#include "lodectl/answer.h"

#include <simdjson.h>

#include "lodectl/command.h"

namespace lode::lodectl {

std::string target_of(std::string_view path, const Parameters& parameters, const Parameters& filters) {
  std::string out(path);
  char separator = '?';
  auto add = [&](const std::string& name, const std::string& value) {
    out += separator;
    out += percent_encode(name) + "=" + percent_encode(value, ",");
    separator = '&';
  };
  for (const auto& [name, value] : filters) add(name, value);
  for (const auto& [name, value] : parameters) {
    if (!value.empty()) add(name, value);
  }
  return out;
}

Parameters filters_of(const std::vector<std::string>& written) {
  Parameters filters;
  for (const std::string& filter : written) {
    size_t equals = filter.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Failed("a filter is written key=value, such as country=GB,FR; not " + filter, kUsage);
    filters.emplace_back(filter.substr(0, equals), filter.substr(equals + 1));
  }
  return filters;
}

std::string member_text(std::string_view json, std::string_view name) {
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  if (parser.parse(json.data(), json.size()).at_key(name).get(value) || value.is_null()) return {};
  if (value.is_string()) return std::string(std::string_view(value));
  return simdjson::minify(value);
}

std::string problem_text(const HttpAnswer& answer) {
  std::string detail = member_text(answer.body, "detail"), code = member_text(answer.body, "code");
  std::string pointer = member_text(answer.body, "pointer");
  if (detail.empty()) detail = member_text(answer.body, "title");
  if (detail.empty() && code.empty()) return "the server answered " + std::to_string(answer.status);
  std::string where = code.empty() ? std::to_string(answer.status) : code;
  if (!pointer.empty()) where += ", " + pointer;
  return detail + " (" + where + ")";
}

void require_success(const HttpAnswer& answer) {
  if (answer.ok()) return;
  throw Failed(problem_text(answer), answer.status == 400 ? kUsage : kFailed);
}

}  // namespace lode::lodectl
