// The generation that serves, and the one road of committed entries into it. It is exchanged in one step
// between two entries; who reads keeps the one it began with.
#pragma once

#include <memory>
#include <mutex>

#include "materialize/generation.h"

namespace lode::materialize {

class Current {
 public:
  // `applied` is told by whichever generation serves, and outlives this.
  Current(std::shared_ptr<Generation> generation, Applied& applied);

  std::shared_ptr<Generation> get() const;  // any thread
  // Any thread; waits for the entry that is being applied. `next` is where the one that serves stands, or
  // ahead of it: what is told again is skipped.
  void exchange(std::shared_ptr<Generation> next);
  // Apply thread: Materializer::apply(). False: the generation came with this entry already, and it was
  // skipped.
  [[nodiscard]] bool apply(const CommittedEntry& entry, Observer* observer);

 private:
  Applied& applied_;
  std::mutex applying_;  // held while an entry is applied; taken before mutex_
  mutable std::mutex mutex_;
  std::shared_ptr<Generation> generation_;
};

}  // namespace lode::materialize
