#include "wire/fresh_wait.h"

#include <algorithm>
#include <utility>

#include "wire/applied_wait.h"

namespace lode::wire {
namespace {

using Done = std::function<void(std::optional<ingest::Refusal>)>;
using SteadyClock = std::chrono::steady_clock;

ingest::Refusal not_caught_up(const char* pointer, const char* detail) {
  return {503, {"not_caught_up", pointer, detail}, 1};
}

void wait_offset(materialize::Applied& applied, std::shared_ptr<Loop> loop, int64_t offset,
                 std::chrono::milliseconds limit, const Freshness& freshness, Done done) {
  bool linearizable = freshness.linearizable;
  wait_applied(applied, std::move(loop), offset, limit, [linearizable, done = std::move(done)](bool reached) {
    if (reached) return done(std::nullopt);
    if (linearizable)
      return done(not_caught_up("/consistency",
                                "This node has not applied yet what was acknowledged "
                                "elsewhere: ask again, or wait longer."));
    done(not_caught_up("/min_offset", "That offset is not applied yet: ask again, or wait longer."));
  });
}

// Loop thread only.
struct BarrierWait {
  materialize::Applied& applied;
  const std::shared_ptr<Loop> loop;
  const Freshness freshness;
  Done done;  // empty: it was called
  const SteadyClock::time_point deadline = SteadyClock::now() + freshness.wait;
  uint64_t timer = 0;

  void passed(const std::optional<ingest::Refusal>& refusal, int64_t offset) {
    if (!done) return;
    loop->cancel(timer);
    auto call = std::exchange(done, nullptr);
    if (refusal) return call(refusal);
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    wait_offset(applied, loop, std::max(offset, freshness.min_offset), left, freshness, std::move(call));
  }

  void late() {
    if (auto call = std::exchange(done, nullptr))
      call(not_caught_up("/consistency", "The leader has not answered in time: ask again, or wait longer."));
  }
};

}  // namespace

void wait_fresh(const ClusterServices& cluster, materialize::Applied& applied, std::shared_ptr<Loop> loop,
                const Freshness& freshness, Done done) {
  if (!freshness.linearizable || !cluster.barrier) {
    Freshness alone = freshness;
    alone.linearizable = false;
    return wait_offset(applied, std::move(loop), freshness.min_offset, freshness.wait, alone,
                       std::move(done));
  }
  auto wait =
      std::shared_ptr<BarrierWait>(new BarrierWait{applied, std::move(loop), freshness, std::move(done)});
  wait->timer = wait->loop->wait(freshness.wait, [wait] { wait->late(); });
  cluster.barrier([wait](std::optional<ingest::Refusal> refusal, int64_t offset) {
    wait->loop->post([wait, refusal = std::move(refusal), offset] { wait->passed(refusal, offset); });
  });
}

}  // namespace lode::wire
