// Writes that are not to be forwarded: `Lode-Forward: no` over HTTP, no_forward over TCP.
#pragma once

#include <optional>

#include "wire/cluster_services.h"
#include "wire/message.h"

namespace lode::wire {

struct NotHere {
  ingest::Refusal refusal;  // 307 `not_leader`, or 503 `no_leader`
  Leader leader;            // of not_leader
};

// Why a write can't be decided on this node; nothing: it can. Any thread.
std::optional<NotHere> refuse_elsewhere(const ClusterServices& cluster);

// The answer to a request that may not be forwarded and has to go elsewhere: 307 with the same target at the
// leader's address. 400 for a Lode-Forward other than `no`.
std::optional<Response> redirect_write(const ClusterServices& cluster, const Request& request);

}  // namespace lode::wire
