#include "materialize/generation.h"

#include <utility>

#include "sequence/sequencer.h"

namespace lode::materialize {

struct Generation::Impl {
  Impl(Ruleset chosen, const store::Hasher& key_hasher, Settings settings, const OpenDisk& open,
       Report report)
      : ruleset(std::move(chosen)),
        hash(ruleset.hash()),
        hasher(key_hasher),
        ids("ids", true),
        tables(hasher),
        gold(ruleset.views, ruleset.zone, tables.dictionary().text_hashes()),
        state(open(store::families_of(parts())), parts(), std::move(report)),
        dropped(drop_foreign_rows()),
        silver(ruleset.silver, tables, gold),
        sequencer(ids, index),
        materializer(settings, state, sequencer, silver, gold, hash) {}

  std::vector<store::Part*> parts() {
    std::vector<store::Part*> parts{&ids, &index.table()};
    for (store::Part* part : tables.parts()) parts.push_back(part);
    parts.push_back(&gold);
    return parts;
  }

  bool drop_foreign_rows() {
    store::Checkpoint at = state.checkpoint();
    if (at.entry_index == 0 || at.ruleset_hash == hash) return false;
    state.clear();
    return true;
  }

  const Ruleset ruleset;
  const uint64_t hash;
  const store::Hasher& hasher;
  store::HashIndex ids;
  sequence::BatchIndex index;
  silver::Tables tables;
  gold::Gold gold;
  store::State state;
  const bool dropped;
  silver::Silver silver;
  sequence::Sequencer sequencer;
  Materializer materializer;
};

Generation::Generation(Ruleset ruleset, const store::Hasher& hasher, Settings settings, const OpenDisk& open,
                       Report report)
    : impl_(std::make_unique<Impl>(std::move(ruleset), hasher, settings, open, std::move(report))) {}

Generation::~Generation() = default;

void Generation::replay(const log::Log& log, record::GroupId group,
                        const std::function<bool(record::EntryIndex)>& keep_going) {
  uint64_t from = impl_->materializer.applied_entry().value, to = log.last_index(group).value;
  uint64_t most = to > from ? (to - from) * sequence::kMaxEntryItems : 0;  // records that may come
  impl_->ids.await_filter(most);
  impl_->tables.order_index().await_filter(most);
  impl_->materializer.replay(log, group, impl_->hasher, keep_going);
}

const Ruleset& Generation::ruleset() const { return impl_->ruleset; }
uint64_t Generation::ruleset_hash() const { return impl_->hash; }
bool Generation::dropped_rows() const { return impl_->dropped; }
Materializer& Generation::materializer() { return impl_->materializer; }
const Materializer& Generation::materializer() const { return impl_->materializer; }
store::State& Generation::state() { return impl_->state; }
const store::State& Generation::state() const { return impl_->state; }
const store::HashIndex& Generation::ids() const { return impl_->ids; }
const sequence::BatchIndex& Generation::index() const { return impl_->index; }
silver::Tables& Generation::tables() { return impl_->tables; }
const silver::Tables& Generation::tables() const { return impl_->tables; }
const gold::Gold& Generation::gold() const { return impl_->gold; }

}  // namespace lode::materialize
