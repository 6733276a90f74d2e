#include "wire/answer_later.h"

#include "wire/failure_log.h"
#include "wire/problem.h"

namespace lode::wire {

void answer_later(QueryPool& pool, ExchangePtr exchange, std::function<Response()> make) {
  bool taken = pool.submit([exchange, make = std::move(make)] {
    Response response;
    try {
      response = make();
    } catch (const std::exception& error) {
      log_failure("an answer", error);
      response = problem_response(500, "internal", "The server could not answer: look at its log.");
    }
    exchange->loop()->post(
        [exchange, response = std::move(response)]() mutable { exchange->respond(std::move(response)); });
  });
  if (!taken) exchange->respond(too_many_reads_response());
}

}  // namespace lode::wire
