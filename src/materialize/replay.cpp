#include "materialize/replay.h"

#include "materialize/decode_ahead.h"
#include "materialize/log_gap.h"

namespace lode::materialize {

void replay(const log::Log& log, record::GroupId group, record::EntryIndex from, const store::Hasher& hasher,
            const std::function<bool(const CommittedEntry& entry)>& take) {
  require_replayable(log, group, {from.value - 1});
  DecodeAhead ahead(log, group, from, std::nullopt, hasher, 1);
  while (const auto decoded = ahead.next())
    if (!take(decoded->entry)) return;
}

}  // namespace lode::materialize
