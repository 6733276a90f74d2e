// Generations of one and the same ruleset: a replay's takes the place of the one that serves, which is kept.
#include <stdexcept>
#include <utility>

#include "materialize/succession.h"

namespace lode::materialize {

uint64_t Succession::take_folder() {
  const Current::Lock held = current_->hold();
  ControlState state = controls();
  const uint64_t folder = ++state.last_folder;
  change(std::move(state));
  return folder;
}

// A kill before the second step leaves the former one listed as such and serving, which is then not looked
// at; one behind it leaves the one that serves now listed as being built, likewise.
void Succession::replace(std::shared_ptr<Generation> next, uint64_t folder, const Current::Lock& held) {
  ControlState state = controls();
  if (next->ruleset_hash() != current_->get()->ruleset_hash())
    throw std::logic_error("a replay is of the ruleset that holds");
  const std::vector<Bystander> before = bystanders_->in(Bystander::Role::former);
  const auto made = bystanders_->find(folder);
  Bystander former{state.active.folder, Bystander::Role::former, current_->get()->state().checkpoint(),
                   made ? made->made_micros : 0};
  former.at.ruleset_hash = current_->get()->ruleset_hash();  // also of one that has no checkpoint yet
  bystanders_->put(former);
  {
    std::lock_guard lock(open_->mutex);
    open_->folders.insert(former.folder);
  }
  state.active.folder = folder;
  change(std::move(state));
  std::shared_ptr<Generation> gone = current_->exchange(std::move(next), held);
  gone->state().give_up();
  gone->when_gone([open = open_, &folders = place_.folders, folder = former.folder] {
    bool unwanted = false;
    {
      std::lock_guard lock(open->mutex);
      open->folders.erase(folder);
      unwanted = open->unwanted.erase(folder) > 0;
    }
    if (unwanted) folders.remove(folder);
  });
  bystanders_->remove(folder);
  for (const Bystander& one : before) {
    if (one.folder == folder) continue;  // it is the one that serves again
    remove_bystander(one.folder);
  }
  std::lock_guard lock(mutex_);
  former_.push_back(std::move(gone));
}

bool Succession::is_read(uint64_t folder) const {
  std::lock_guard lock(open_->mutex);
  return open_->folders.contains(folder);
}

void Succession::remove_bystander(uint64_t folder) {
  bystanders_->remove(folder);
  {
    std::lock_guard lock(open_->mutex);
    if (open_->folders.contains(folder)) {
      open_->unwanted.insert(folder);
      return;
    }
  }
  place_.folders.remove(folder);
}

// Those of other rules can neither be served nor started from.
void Succession::drop_bystanders(uint64_t ruleset_hash) {
  for (const Bystander& one : bystanders_->all()) {
    const bool of_a_replay = one.role == Bystander::Role::building || one.role == Bystander::Role::copy;
    if (of_a_replay || one.at.ruleset_hash == ruleset_hash) continue;  // the replay puts its own away
    remove_bystander(one.folder);
  }
}

}  // namespace lode::materialize
