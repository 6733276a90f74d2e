// What would become of events if they were applied now: the rules and the fold that apply them (Silver), on a
// silver of its own that takes over the orders and quarantined records in question. Nothing else changes. One
// thread.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "silver/silver.h"
#include "silver/tables.h"

namespace lode::silver {

class Rehearsal {
 public:
  // Both outlive it. Takes a few milliseconds, without any lock.
  Rehearsal(const Settings& settings, const Tables& tables);
  ~Rehearsal();

  // The rule that would send the event to quarantine, or nothing: each as if those before had been applied. A
  // retry's Event::retry_of is in quarantine. `next`: an offset that no record has yet; counts on by itself.
  // The state's mutex is held, shared at least.
  std::optional<Rule> apply(const event::Event& event, std::span<const event::Line> lines, uint64_t next,
                            event::Micros receive_time);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::silver
