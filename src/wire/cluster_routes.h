// The cluster and its ruleset: what is the case, and what an operator changes. Commands are carried out by
// the cluster; nothing here waits for one.
#pragma once

#include <functional>
#include <vector>

#include "wire/cluster_command.h"
#include "wire/exchange.h"
#include "wire/query_pool.h"
#include "wire/route.h"

namespace lode::wire {

std::vector<Route> cluster_routes();

// Loop thread. Answers the exchange: 409 `no_cluster` when there is none, 429 when the pool is full, else
// what the cluster says. `cluster` and `pool` outlive the exchange.
void run_command(const ClusterServices& cluster, QueryPool& pool, ExchangePtr exchange,
                 ClusterCommand command);

// The same of any work that answers once, on any thread.
void answer_command(QueryPool& pool, ExchangePtr exchange,
                    std::function<void(std::function<void(ClusterAnswer)> done)> work);

// The request's body as a command of this shape, and runs it; or 400, 413, 415.
void take_command(const ClusterServices& cluster, QueryPool& pool, ExchangePtr exchange,
                  const CommandShape& shape);
void take_ruleset(const ClusterServices& cluster, QueryPool& pool, ExchangePtr exchange);

}  // namespace lode::wire
