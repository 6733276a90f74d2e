// The generation that serves, and the one road of committed entries into it. It is exchanged in one step
// between two entries; who reads keeps the one it began with.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "materialize/generation.h"

namespace lode::materialize {

class Current {
 public:
  // Held: no entry is being applied.
  using Lock = std::unique_lock<std::mutex>;
  // What a control means, before it counts as applied. May exchange the generation, and may let go of the
  // lock while it waits. False: neither this entry nor any later one is to be applied any more.
  using OnControl = std::function<bool(const CommittedEntry& entry, Lock& applying)>;

  // `applied` is told by whichever generation serves, and outlives this.
  Current(std::shared_ptr<Generation> generation, Applied& applied, OnControl on_control = nullptr);

  std::shared_ptr<Generation> get() const;  // any thread
  // Any thread; waits for the entry that is being applied.
  Lock hold();
  // `next` is where the one that serves stands, or ahead of it: what is told again is skipped. The one before
  // is the answer.
  std::shared_ptr<Generation> exchange(std::shared_ptr<Generation> next, const Lock& held);
  // Apply thread: Materializer::apply(). False: it was not applied; the generation came with this entry
  // already, or no entry is applied any more.
  [[nodiscard]] bool apply(const CommittedEntry& entry, Observer* observer);

 private:
  Applied& applied_;
  const OnControl on_control_;
  std::mutex applying_;  // taken before mutex_
  bool closed_ = false;  // under applying_
  mutable std::mutex mutex_;
  std::shared_ptr<Generation> generation_;
};

}  // namespace lode::materialize
