// What the log's controls have said so far: which ruleset holds, which one is being built, the feature level.
// Kept in the log's own facts as one value, so that each control is a single step, and processed once: those
// at or below `entry` are of no further consequence, whatever the rows' checkpoint is. The log's value wins
// over the configuration files. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "log/log.h"
#include "materialize/ruleset.h"

namespace lode::materialize {

// 1: programs from before there were controls. 2: controls, and batches that say who made them. 3:
// compaction.
inline constexpr uint64_t kNewestLevel = 3;
inline constexpr uint64_t kCompactionLevel = 3;

struct ControlState {
  struct Rules {
    uint64_t entry = 0;   // the control that set or announced it; 0: seeded from files
    uint64_t hash = 0;    // as its program computed it
    uint64_t folder = 0;  // number of the generation's folder on this node
    std::string text;
    friend bool operator==(const Rules&, const Rules&) = default;
  };

  uint64_t entry = 0;  // the last control
  uint64_t level = kNewestLevel;
  uint64_t last_folder = 0;  // no folder had a higher number; they are not used again
  Rules active;
  std::optional<Rules> next;  // announced
  friend bool operator==(const ControlState&, const ControlState&) = default;

  static ControlState seeded(const Ruleset& rules, uint64_t level);

  // Format: src/materialize/FORMAT.md. decode throws record::Corruption.
  std::string encode() const;
  static ControlState decode(std::string_view bytes);
  // Nothing in a log of a program before there were controls, or a new one.
  static std::optional<ControlState> load(const log::Log& log);
  void save(log::Log& log) const;  // durable when it returns

  // What another node gave, as it holds here: in folders of this node, 0 and 1 for a node without any.
  static ControlState taken_over(std::string_view bytes, uint64_t last_folder);
};

}  // namespace lode::materialize
