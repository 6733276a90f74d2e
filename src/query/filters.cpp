#include "query/filters.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>

#include "event/event.h"
#include "event/time.h"
#include "query/page.h"
#include "silver/rule.h"

namespace lode::query {
namespace {

std::vector<std::string> words_of(Form form) {
  std::vector<std::string> words;
  switch (form) {
    case Form::status:
      return {"open", "cancelled"};
    case Form::kind:
      return {"sale", "return", "free", "adjustment", "fee"};
    case Form::rule:
      for (silver::Rule rule : silver::kRules) words.emplace_back(to_string(rule));
      break;
    case Form::event_type:
      for (auto type : {event::EventType::purchase, event::EventType::refund, event::EventType::cancellation,
                        event::EventType::customer, event::EventType::product}) {
        words.emplace_back(to_string(type));
      }
      break;
    default:
      break;
  }
  return words;
}

bool is_bound(Form form, const std::string& text) {
  event::Day day;
  event::Micros time;
  return event::parse_day(text, day) || (form == Form::time && event::parse_rfc3339(text, time));
}

bool to_code(std::string& text, size_t letters) {
  for (char& letter : text) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    if (letter < 'A' || letter > 'Z') return false;
  }
  return text.size() == letters;
}

// Whether `value` is one of the form; it comes out as it is shown.
bool take_value(Form form, std::string& value) {
  switch (form) {
    case Form::text:
      return true;
    case Form::day:
    case Form::time:
      return is_bound(form, value);
    case Form::offset: {
      uint64_t number = 0;
      auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      return error == std::errc() && std::to_string(number) == value;
    }
    case Form::country:
      return to_code(value, 2);
    case Form::currency:
      return to_code(value, 3);
    default:
      break;
  }
  std::vector<std::string> words = words_of(form);
  return std::find(words.begin(), words.end(), value) != words.end();
}

std::string wanted(Form form, const std::string& value) {
  switch (form) {
    case Form::text:
      return "values (a,b), no range";
    case Form::day:
      return "days such as 2011-01-31 or 2011-01-01..2011-01-31";
    case Form::time:
      return "a day or a time, or two with '..' between them: 2011-01-01..2011-01-31";
    case Form::offset:
      return "offsets such as 17,21";
    case Form::country:
      return "codes of two letters such as GB,FR";
    case Form::currency:
      return "codes of three letters such as GBP,EUR";
    default:
      break;
  }
  std::vector<std::string> words = words_of(form);
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list + "; did you mean `" + nearest(value.substr(0, 64), words) + "`?";
}

}  // namespace

std::optional<Failure> check_names(const Parameters& parameters, const std::vector<std::string>& known,
                                   std::string_view of) {
  for (auto it = parameters.begin(); it != parameters.end(); ++it) {
    const std::string& name = it->first;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string detail = "`" + std::string(of) + "` has no parameter `" + name.substr(0, 64) + "`";
      if (!known.empty()) detail += "; did you mean `" + nearest(name.substr(0, 64), known) + "`?";
      Failure failure = invalid_parameter(name, std::move(detail));
      failure.problem.code = "unknown_parameter";
      return failure;
    }
    if (std::any_of(parameters.begin(), it, [&](const auto& other) { return other.first == name; }))
      return invalid_parameter(name, "`" + name + "` is there twice; give several values as a,b");
  }
  return std::nullopt;
}

uint64_t hash_query(std::string_view of, Parameters parameters) {
  std::erase_if(parameters, [](const auto& parameter) {
    return parameter.first == "limit" || parameter.first == "cursor";
  });
  std::sort(parameters.begin(), parameters.end());
  uint64_t hash = XXH3_64bits(of.data(), of.size());
  for (const auto& [name, value] : parameters) {
    for (const std::string& text : {name, value}) hash = XXH3_64bits_withSeed(text.data(), text.size(), hash);
  }
  return hash;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

Answer<Filter> parse_filter(Form form, std::string_view name, const std::string& text) {
  Filter filter;
  const bool ranged = form == Form::day || form == Form::time;
  const size_t dots = ranged ? text.find("..") : std::string::npos;
  auto malformed = [&](const std::string& value) {
    return invalid_parameter(name, "`" + std::string(name) + "` takes " + wanted(form, value));
  };
  if (dots != std::string::npos) {
    if (dots > 0) filter.from = text.substr(0, dots);
    if (dots + 2 < text.size()) filter.to = text.substr(dots + 2);
    for (const auto& end : {filter.from, filter.to}) {
      if (end && !is_bound(form, *end)) return malformed(*end);
    }
    return filter;
  }
  filter.any_of = split_list(text);
  for (std::string& value : filter.any_of) {
    if (!take_value(form, value)) return malformed(value);
  }
  if (form == Form::time) {
    if (filter.any_of.size() > 1) return malformed(text);
    filter.from = filter.to = filter.any_of[0];
    filter.any_of.clear();
  }
  if (form == Form::text && filter.any_of.size() > 1) filter.any_of.push_back(text);
  return filter;
}

}  // namespace lode::query
