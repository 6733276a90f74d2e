#include "ingest/feed.h"

#include <utility>

namespace lode::ingest {

namespace {
// Decoded entries are many times their payloads; apply bounds how many wait for it.
constexpr size_t kDecodedAtOnce = 16;
}  // namespace

void Feed::committed(std::span<const raft::Committed> entries) {
  std::vector<Committed> ready;
  for (const raft::Committed& told : entries) {
    if (auto own = told.cookie ? proposer_.take(*told.cookie) : std::nullopt) {
      own->entry.index = told.first;
      ready.push_back(std::move(*own));
    } else if (told.entry) {
      ready.push_back(recognised_or_decoded(told.first, told.entry->type, told.entry->payload));
      if (ready.size() >= kDecodedAtOnce) applier_.push(std::exchange(ready, {}));
    } else {
      applier_.push(std::exchange(ready, {}));
      read(told.first, told.last);
    }
  }
  applier_.push(std::move(ready));
}

void Feed::leading(record::Term) { proposer_.leading(); }
void Feed::following() { proposer_.following(); }

void Feed::leader_changed(const std::optional<raft::Server>& leader) { proposer_.leader_changed(leader); }

void Feed::configured(const raft::Configuration& configuration, record::EntryIndex) {
  committer_.set_alone(configuration.servers.size() <= 1);
}

void Feed::lost(std::span<const uint64_t> cookies) { proposer_.lost(cookies); }

Committed Feed::recognised_or_decoded(record::EntryIndex index, log::EntryType type,
                                      std::string_view payload) {
  Committed out;
  auto own = type == log::EntryType::batch ? proposer_.recognise(payload) : std::nullopt;
  if (own) {
    out = std::move(*own);
    out.entry.index = index;
  } else {
    out.decoded = decoder_.decode(index, type, payload);
    out.entry = out.decoded->entry;
  }
  return out;
}

void Feed::read(record::EntryIndex first, record::EntryIndex last) {
  log_.scan(group_, first, [&](const log::StoredEntry& stored) {
    if (stored.index > last)
      return false;  // a state took the place of the run, and this need not be committed
    std::vector<Committed> one;
    one.push_back(recognised_or_decoded(stored.index, stored.type, stored.payload));
    applier_.push(std::move(one));
    return stored.index < last;
  });
}

}  // namespace lode::ingest
