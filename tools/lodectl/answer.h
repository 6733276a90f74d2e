// What the server's answers say: problems as sentences, cursors, targets with parameters.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lodectl/http_client.h"

namespace lode::lodectl {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// `/path?a=b&c=d`, encoded: filters as they are given, then the parameters that are not empty.
std::string target_of(std::string_view path, const Parameters& parameters, const Parameters& filters = {});

// Filters as written on the command line, `key=value`. Throws Failed, kUsage, for what is not.
Parameters filters_of(const std::vector<std::string>& written);

// Throws Failed with the problem's own words unless the answer is a success. 400 and 404 are the user's
// (kUsage for 400).
void require_success(const HttpAnswer& answer);

// A sentence from an application/problem+json body: "detail (code, pointer)".
std::string problem_text(const HttpAnswer& answer);

// A member of a JSON object as text; "" when there is none.
std::string member_text(std::string_view json, std::string_view name);

}  // namespace lode::lodectl
