#include "wire/problem.h"

#include "wire/json_text.h"

namespace lode::wire {

std::string render_problem(int status, const event::Problem& problem) {
  std::string out = R"({"type":"about:blank","title":)";
  append_json_string(out, reason_phrase(status));
  out += ",\"status\":" + std::to_string(status) + ",\"detail\":";
  append_json_string(out, problem.detail);
  out += ",\"code\":";
  append_json_string(out, problem.code);
  if (!problem.pointer.empty()) {
    out += ",\"pointer\":";
    append_json_string(out, problem.pointer);
  }
  out += "}\n";
  return out;
}

Response problem_response(int status, const event::Problem& problem, uint32_t retry_after_seconds) {
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = render_problem(status, problem);
  if (retry_after_seconds > 0) {
    response.headers.emplace_back("Retry-After", std::to_string(retry_after_seconds));
  }
  return response;
}

Response problem_response(int status, std::string_view code, std::string detail, std::string pointer) {
  return problem_response(status, event::Problem{std::string(code), std::move(pointer), std::move(detail)});
}

const event::Problem& too_many_reads() {
  static const event::Problem kProblem{"queue_full", "", "Too many reads are waiting: ask again later."};
  return kProblem;
}

Response too_many_reads_response() { return problem_response(429, too_many_reads(), 1); }

const event::Problem& too_many_bodies() {
  static const event::Problem kProblem{
      "busy", "", "Too many large requests are being read or handled: send it again later."};
  return kProblem;
}

Response too_many_bodies_response() { return problem_response(503, too_many_bodies(), 1); }

const event::Problem& too_many_answers() {
  static const event::Problem kProblem{
      "busy", "", "Too many large answers wait for their readers: ask again later, or for less."};
  return kProblem;
}

Response too_many_answers_response() { return problem_response(503, too_many_answers(), 1); }

}  // namespace lode::wire
