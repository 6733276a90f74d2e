// Fetch over TCP: records from an offset; when there are none yet, the answer waits for the first or for the
// time to pass.
#pragma once

#include <cstdint>
#include <memory>

#include "wire/site.h"
#include "wire/tcp_session.h"

namespace lode::wire {

struct FetchRequest {
  uint64_t from = 0;
  uint32_t limit = 0;    // 0: the default
  uint32_t wait_ms = 0;  // capped at a minute
  bool include_contact = false;
};

// Loop thread. Answers the session once.
void fetch(const std::shared_ptr<Site>& site, std::shared_ptr<TcpSession> session, uint64_t correlation,
           FetchRequest request);

}  // namespace lode::wire
