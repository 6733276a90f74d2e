#include "materialize/generation.h"

#include <utility>

#include "sequence/sequencer.h"

namespace lode::materialize {

struct Generation::Impl {
  Impl(Ruleset chosen, const store::Hasher& hasher, Settings settings, const OpenDisk& open, Report report)
      : ruleset(std::move(chosen)),
        hash(ruleset.hash()),
        rules_hash(ruleset.rules_hash()),
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
  const uint64_t hash, rules_hash;
  std::function<void()> when_gone;
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

Generation::~Generation() {
  std::function<void()> then = std::move(impl_->when_gone);
  impl_.reset();
  if (then) then();
}

void Generation::expect(uint64_t entries) {
  uint64_t most = entries * sequence::kMaxEntryItems;  // records that may come
  impl_->ids.await_filter(most);
  impl_->tables.order_index().await_filter(most);
}

void Generation::when_gone(std::function<void()> then) { impl_->when_gone = std::move(then); }

const Ruleset& Generation::ruleset() const { return impl_->ruleset; }
uint64_t Generation::ruleset_hash() const { return impl_->hash; }
uint64_t Generation::rules_hash() const { return impl_->rules_hash; }
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
