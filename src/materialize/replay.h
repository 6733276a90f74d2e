// The log's entries, read and decoded on another thread a few entries ahead of who takes them.
#pragma once

#include <functional>

#include "log/log.h"
#include "materialize/materializer.h"

namespace lode::materialize {

// `take` is called on the calling thread for each entry from `from` on, in order, until it says false or the
// log ends. Throws what it throws, record::Corruption for an entry that can't be read, LogTruncated
// (log_gap.h) when the log begins later.
void replay(const log::Log& log, record::GroupId group, record::EntryIndex from, const store::Hasher& hasher,
            const std::function<bool(const CommittedEntry& entry)>& take);

}  // namespace lode::materialize
