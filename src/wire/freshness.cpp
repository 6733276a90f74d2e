#include "wire/freshness.h"

#include <charconv>

#include "query/page.h"

namespace lode::wire {
namespace {

constexpr int64_t kMaxWaitMillis = 60'000;

bool parse_number(const std::string& text, int64_t& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= 0;
}

query::Failure invalid(const std::string& name, std::string detail) {
  return {400, {"invalid_parameter", "/" + name, std::move(detail)}};
}

}  // namespace

query::Answer<Freshness> take_freshness(query::Parameters& parameters) {
  Freshness freshness;
  query::Parameters rest;
  for (auto& parameter : parameters) {
    const auto& [name, value] = parameter;
    if (&value != query::find_parameter(parameters, name)) return invalid(name, name + " is there twice.");
    int64_t number = 0;
    if (name == "min_offset") {
      if (!parse_number(value, number))
        return invalid(name, "min_offset is an offset: a whole number from 0.");
      freshness.min_offset = number;
    } else if (name == "wait_ms") {
      if (!parse_number(value, number) || number > kMaxWaitMillis) {
        return invalid(name, "wait_ms is a whole number of milliseconds from 0 to 60000.");
      }
      freshness.wait = std::chrono::milliseconds(number);
    } else if (name == "consistency") {
      if (value != "local" && value != "linearizable")
        return invalid(name, "consistency is local or linearizable.");
      freshness.linearizable = value == "linearizable";
    } else {
      rest.push_back(std::move(parameter));
    }
  }
  parameters = std::move(rest);
  return freshness;
}

}  // namespace lode::wire
