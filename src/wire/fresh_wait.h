// Waits on a loop until the state is as new as a read asks.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "materialize/applied.h"
#include "wire/cluster_services.h"
#include "wire/freshness.h"
#include "wire/loop.h"

namespace lode::wire {

// Loop thread. Calls `done` once, on the loop; at once when nothing has to be waited for. Refused: 503
// `not_caught_up` when time is up, or what the cluster says of a barrier it can't make (503 `no_leader`).
void wait_fresh(const ClusterServices& cluster, materialize::Applied& applied, std::shared_ptr<Loop> loop,
                const Freshness& freshness, std::function<void(std::optional<ingest::Refusal>)> done);

}  // namespace lode::wire
