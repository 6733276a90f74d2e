#include "node/at_work.h"

#include <fmt/format.h>

#include <shared_mutex>

#include "materialize/generation.h"

namespace lode::node {

std::string at_work(const Engine& engine) {
  std::string out =
      fmt::format("serving, applied up to offset {}", engine.generation()->materializer().position().offset);
  std::string running;
  for (const admin::Task& task : engine.tasks().last_of_each_kind())
    if (task.state == admin::TaskState::running) running += (running.empty() ? "" : ", ") + task.kind;
  return running.empty() ? out : out + "; running: " + running;
}

Vigil::Subject::Work apply_work(const Engine& engine) {
  const auto generation = engine.generation();
  const std::string trouble = generation->state().trouble();
  const auto build = engine.build();
  // A full disk, a build that the switch waits for, a state that another node has: apply waits for them.
  const bool waits = !trouble.empty() || (build && build->waited_for) || !engine.not_ready().empty();
  const uint64_t committed = engine.committed_entry().value;
  const std::shared_lock readable(generation->state().mutex());
  const uint64_t applied = generation->materializer().applied_entry().value;
  return {applied + (build ? build->entry.value : 0), !waits && applied < committed};
}

}  // namespace lode::node
