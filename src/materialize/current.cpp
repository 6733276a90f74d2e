#include "materialize/current.h"

#include <stdexcept>
#include <utility>

namespace lode::materialize {

Current::Current(std::shared_ptr<Generation> generation, Applied& applied, OnControl on_control)
    : applied_(applied), on_control_(std::move(on_control)), generation_(std::move(generation)) {
  generation_->materializer().tell(applied_);
}

std::shared_ptr<Generation> Current::get() const {
  std::lock_guard lock(mutex_);
  return generation_;
}

Current::Lock Current::hold() { return Lock(applying_); }

std::shared_ptr<Generation> Current::exchange(std::shared_ptr<Generation> next, const Lock& held) {
  if (held.mutex() != &applying_ || !held.owns_lock())
    throw std::logic_error("a generation is exchanged between two entries only");
  if (next->materializer().applied_entry() < get()->materializer().applied_entry())
    throw std::logic_error("a generation that is behind the one that serves");
  Materializer& materializer = next->materializer();
  std::shared_ptr<Generation> before;
  {
    std::lock_guard lock(mutex_);
    before = std::exchange(generation_, std::move(next));
  }
  materializer.tell(applied_);
  return before;
}

bool Current::apply(const CommittedEntry& entry, Observer* observer) {
  Lock applying(applying_);
  if (!closed_ && entry.control && on_control_) closed_ = !on_control_(entry, applying);
  if (closed_) return false;
  std::shared_ptr<Generation> generation = get();
  if (entry.index <= generation->materializer().applied_entry()) return false;
  generation->materializer().apply(entry, observer);
  return true;
}

}  // namespace lode::materialize
