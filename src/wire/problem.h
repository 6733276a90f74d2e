// Errors as application/problem+json (RFC 9457) with the contract's stable codes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "event/problem.h"
#include "wire/message.h"

namespace lode::wire {

std::string render_problem(int status, const event::Problem& problem);
Response problem_response(int status, const event::Problem& problem, uint32_t retry_after_seconds = 0);
Response problem_response(int status, std::string_view code, std::string detail, std::string pointer = "");

}  // namespace lode::wire
