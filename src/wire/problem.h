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

// 429: the query pool's queue is full. The same over HTTP and TCP.
const event::Problem& too_many_reads();
Response too_many_reads_response();
// 503: the bodies that are being read or handled take all the room there is for them.
const event::Problem& too_many_bodies();
Response too_many_bodies_response();
// 503: large answers that wait for their readers take all the room there is for them.
const event::Problem& too_many_answers();
Response too_many_answers_response();

}  // namespace lode::wire
