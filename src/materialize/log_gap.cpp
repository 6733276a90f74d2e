#include "materialize/log_gap.h"

namespace lode::materialize {

std::optional<LogGap> gap_behind(const log::Log& log, record::GroupId group, record::EntryIndex applied) {
  const record::EntryIndex first = log.first_index(group);
  if (first.value <= applied.value + 1) return std::nullopt;
  return LogGap{{applied.value + 1}, {first.value - 1}};
}

void require_replayable(const log::Log& log, record::GroupId group, record::EntryIndex applied,
                        const std::string& why) {
  const auto gap = gap_behind(log, group, applied);
  if (!gap) return;
  std::string sentence = why.empty() ? "" : why + ", but ";
  sentence += "silver and gold can't be made from this node's log";
  if (applied.value > 0) sentence += " behind entry " + std::to_string(applied.value);
  throw LogTruncated(sentence + ": entries " + std::to_string(gap->first.value) + " to " +
                     std::to_string(gap->last.value) +
                     " are not in it any more; they need the state of another node, or a backup");
}

}  // namespace lode::materialize
