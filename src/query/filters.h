// The parameters of reads, told one way by gold, silver and the log: which names there are, none of them
// twice, and what the text of a filter says. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/result.h"

namespace lode::query {

// What the values of a column look like; any text is a value of `text`.
enum class Form : uint8_t { text, day, time, offset, country, currency, status, kind, rule, event_type };

// A parameter that is not one of `known`, or is there twice. `of` says of what, for the reader.
std::optional<Failure> check_names(const Parameters& parameters, const std::vector<std::string>& known,
                                   std::string_view of);

// Of all parameters but limit and cursor, whatever their order: a cursor belongs to it.
uint64_t hash_query(std::string_view of, Parameters parameters);

// `any_of` or a range; a range is of days or times only. Codes come out in capitals. A text is its parts
// between commas or the whole, as it may hold commas itself; dots are letters in it.
struct Filter {
  std::vector<std::string> any_of;  // empty when it is a range
  std::optional<std::string> from, to;
};
Answer<Filter> parse_filter(Form form, std::string_view name, const std::string& text);

std::vector<std::string> split_list(std::string_view text);  // "a,b"

}  // namespace lode::query
