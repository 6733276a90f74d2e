// What the description of every read has: its parameters and answers.
#pragma once

#include <string_view>
#include <vector>

#include "wire/route.h"

namespace lode::wire {

const std::vector<std::string_view>& row_types();  // JSON, NDJSON, CSV
// A read's own parameters, and those that every read takes.
std::vector<Parameter> reading(std::vector<Parameter> own);
std::vector<Answer> read_answers(std::string_view schema, const std::vector<std::string_view>& types);

}  // namespace lode::wire
