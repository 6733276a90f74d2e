#include "wire/read_only.h"

#include "wire/problem.h"

namespace lode::wire {

const event::Problem& read_only_problem() {
  static const event::Problem kProblem{
      "read_only", "",
      "This is a state of the past: it is read, and takes nothing in. Send it to the server itself."};
  return kProblem;
}

const event::Problem& no_log_problem() {
  static const event::Problem kProblem{
      "no_log", "", "A state of the past has no log: the server that it was made by has one."};
  return kProblem;
}

std::optional<Response> refuse_read_only(const Site& site, const Route& route) {
  if (!site.services.read_only) return std::nullopt;
  if (route.method == Method::post) return problem_response(403, read_only_problem());
  if (route.path.starts_with("/v1/log")) return problem_response(404, no_log_problem());
  return std::nullopt;
}

}  // namespace lode::wire
