#include "wire/events_route.h"

#include "wire/events_body.h"
#include "wire/leader_redirect.h"
#include "wire/problem.h"
#include "wire/write_answer.h"

namespace lode::wire {
namespace {

// Reads ack= and results=.
std::optional<Response> read_parameters(const Request& request, ingest::Request& write) {
  for (const auto& [name, value] : request.parameters) {
    if (name == "ack") {
      if (value != "applied" && value != "committed") {
        return problem_response(400, "invalid_parameter", "ack is applied or committed.", "/ack");
      }
      write.ack = value == "applied" ? ingest::Ack::applied : ingest::Ack::committed;
    } else if (name == "results") {
      if (value != "all")
        return problem_response(400, "invalid_parameter", "results can only be all.", "/results");
      write.all_results = true;
    }
  }
  return std::nullopt;
}

}  // namespace

void post_events(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (auto elsewhere = redirect_write(site->services.cluster, exchange->request()))
    return exchange->respond(std::move(*elsewhere));
  ingest::Request write;
  if (auto refused = read_parameters(exchange->request(), write))
    return exchange->respond(std::move(*refused));
  if (auto refused = decode_events(*site, *exchange, write.batch)) {
    return exchange->respond(std::move(*refused));
  }
  site->services.ingest.submit(std::move(write), [exchange](ingest::Answer answer) {
    if (exchange->loop()->in_loop()) return exchange->respond(render_write_answer(answer));
    // The loop alone touches the exchange: what is captured here is only handed over.
    exchange->loop()->post(
        [exchange, answer = std::move(answer)] { exchange->respond(render_write_answer(answer)); });
  });
}

}  // namespace lode::wire
