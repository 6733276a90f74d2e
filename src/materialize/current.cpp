#include "materialize/current.h"

#include <stdexcept>
#include <utility>

namespace lode::materialize {

Current::Current(std::shared_ptr<Generation> generation, Applied& applied)
    : applied_(applied), generation_(std::move(generation)) {
  generation_->materializer().tell(applied_);
}

std::shared_ptr<Generation> Current::get() const {
  std::lock_guard lock(mutex_);
  return generation_;
}

void Current::exchange(std::shared_ptr<Generation> next) {
  std::shared_ptr<Generation> before;  // let go outside of the locks
  std::lock_guard applying(applying_);
  if (next->materializer().applied_entry() < get()->materializer().applied_entry())
    throw std::logic_error("a generation that is behind the one that serves");
  {
    std::lock_guard lock(mutex_);
    before = std::exchange(generation_, next);
  }
  next->materializer().tell(applied_);
}

bool Current::apply(const CommittedEntry& entry, Observer* observer) {
  std::lock_guard applying(applying_);
  std::shared_ptr<Generation> generation = get();
  if (entry.index <= generation->materializer().applied_entry()) return false;
  generation->materializer().apply(entry, observer);
  return true;
}

}  // namespace lode::materialize
