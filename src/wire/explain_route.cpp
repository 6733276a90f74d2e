#include "env/log.h"
#include "query/explain.h"
#include "query/page.h"
#include "wire/read.h"
#include "wire/read_routes.h"

namespace lode::wire {

namespace {

void tell(Site& site, const query::Explanation& explanation) {
  site.metrics.explained(explanation.mismatch.empty());
  if (explanation.mismatch.empty()) return;
  env::log_error("explain.mismatch",
                 "a number of " + explanation.result.view + " is not what its lines come to: " +
                     explanation.mismatch + "; `lodectl verify --deep` finds what is damaged",
                 {{"offset", explanation.result.position.as_of_offset}});
}

}  // namespace

void explain_gold(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  Read read;
  read.takes_seconds = true;
  read.tagged = false;
  read.run = [shared = site, name = exchange->request().captures[0], gone = exchange->watch_client()](
                 const Site& at, const query::Parameters& parameters) -> query::Answer<query::Result> {
    auto answer = query::explain_gold(*at.services.explain(), name, parameters,
                                      [&] { return gone->load() || at.stopping.load(); });
    if (auto* failure = std::get_if<query::Failure>(&answer)) return std::move(*failure);
    auto& explanation = std::get<query::Explanation>(answer);
    if (query::find_parameter(parameters, "cursor") == nullptr) tell(*shared, explanation);
    return std::move(explanation.result);
  };
  answer_read(site, std::move(exchange), std::move(read));
}

}  // namespace lode::wire
