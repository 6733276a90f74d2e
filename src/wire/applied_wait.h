// Waits on a loop until an offset is applied, or until time is up.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "materialize/applied.h"
#include "wire/loop.h"

namespace lode::wire {

// Loop thread. Calls `done(reached)` once, on the loop; at once when the offset is applied already or `limit`
// is zero.
void wait_applied(materialize::Applied& applied, std::shared_ptr<Loop> loop, int64_t offset,
                  std::chrono::milliseconds limit, std::function<void(bool reached)> done);

}  // namespace lode::wire
