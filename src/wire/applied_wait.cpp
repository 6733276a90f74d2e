#include "wire/applied_wait.h"

#include <utility>

namespace lode::wire {
namespace {

// Loop thread only, but for the ticket's callback, which does no more than post.
struct Wait : std::enable_shared_from_this<Wait> {
  materialize::Applied& applied;
  std::shared_ptr<Loop> loop;
  std::function<void(bool)> done;
  uint64_t ticket = 0;
  uint64_t timer = 0;

  Wait(materialize::Applied& position, std::shared_ptr<Loop> the_loop, std::function<void(bool)> call)
      : applied(position), loop(std::move(the_loop)), done(std::move(call)) {}

  void end(bool reached) {
    if (!done) return;
    loop->cancel(timer);
    if (!reached) applied.cancel(ticket);
    std::exchange(done, nullptr)(reached);
  }
};

}  // namespace

void wait_applied(materialize::Applied& applied, std::shared_ptr<Loop> loop, int64_t offset,
                  std::chrono::milliseconds limit, std::function<void(bool reached)> done) {
  if (applied.get().offset >= offset) return done(true);
  if (limit.count() <= 0) return done(false);
  auto wait = std::make_shared<Wait>(applied, std::move(loop), std::move(done));
  wait->timer = wait->loop->wait(limit, [wait] { wait->end(false); });
  wait->ticket = applied.wait(offset, [wait] { wait->loop->post([wait] { wait->end(true); }); });
}

}  // namespace lode::wire
