#include "ingest/feed.h"

#include <utility>

namespace lode::ingest {

void Feed::committed(std::span<const raft::Committed> entries) {
  std::vector<Committed> ready;
  for (const raft::Committed& told : entries) {
    if (auto own = told.cookie ? in_flight_.take(*told.cookie) : std::nullopt) {
      own->entry.index = told.first;
      ready.push_back(std::move(*own));
    } else if (told.entry) {
      ready.push_back(decoded(told.first, told.entry->type, told.entry->payload));
    } else {
      applier_.push(std::exchange(ready, {}));
      read(told.first, told.last);
    }
  }
  applier_.push(std::move(ready));
}

void Feed::in_doubt(std::span<const uint64_t> cookies) {
  std::vector<Committed> waiting;
  for (uint64_t cookie : cookies) {
    auto entry = in_flight_.peek(cookie);
    if (!entry) continue;
    entry->fate = Fate::in_doubt;
    waiting.push_back(std::move(*entry));
  }
  applier_.push(std::move(waiting));
}

void Feed::lost(std::span<const uint64_t> cookies) {
  std::vector<Committed> gone;
  for (uint64_t cookie : cookies) {
    auto entry = in_flight_.take(cookie);
    if (!entry) continue;
    entry->fate = Fate::lost;
    gone.push_back(std::move(*entry));
  }
  applier_.push(std::move(gone));
}

Committed Feed::decoded(record::EntryIndex index, log::EntryType type, std::string_view payload) {
  Committed out;
  out.decoded = decoder_.decode(index, type, payload);
  out.entry = out.decoded->entry;
  return out;
}

void Feed::read(record::EntryIndex first, record::EntryIndex last) {
  log_.scan(group_, first, [&](const log::StoredEntry& stored) {
    std::vector<Committed> one;
    one.push_back(decoded(stored.index, stored.type, stored.payload));
    applier_.push(std::move(one));
    return stored.index < last;
  });
}

}  // namespace lode::ingest
