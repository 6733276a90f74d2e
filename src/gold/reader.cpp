#include "gold/reader.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

#include "gold/gold_impl.h"
#include "gold/row_scan.h"

namespace lode::gold {
namespace {

// Rows with fewer members than this are added up about as fast as they are looked up.
constexpr uint64_t kResidentMembers = 512;

// A page's rows can vanish when they are added up; some more than wanted make short pages rare.
constexpr uint32_t kSpareRows = 64;

std::optional<uint32_t> currency_position(const View& view) {
  auto found = std::find(view.keys.begin(), view.keys.end(), Column::currency);
  if (found == view.keys.end()) return std::nullopt;
  return static_cast<uint32_t>(found - view.keys.begin());
}

uint64_t members_of(const Plan& plan, const Total& total) {
  uint64_t members = 0;
  for (uint32_t set = 0; set < plan.sets; ++set) members += total.live(set);
  return members;
}

}  // namespace

// What one moment's rows are made of.
struct Reader::Sources {
  std::optional<EpochRows> active;    // nothing: `newer` has all
  uint32_t row = Accumulator::kNone;  // of `active`, the only one that is wanted
  std::vector<Delta> newer;
  std::shared_ptr<const Epoch> frozen;
  std::shared_ptr<const store::Snapshot> snapshot;
  std::optional<Key> horizon;

  // Mutex held.
  void take(const Accumulator& accumulator, const std::optional<Key>& exact) {
    if (exact) {
      row = accumulator.find(*exact, hash_key(*exact, accumulator.plan().keys));
      if (row == Accumulator::kNone) return;
      if (!accumulator.has_more_members(row, kResidentMembers)) {
        newer.push_back(copy_delta(accumulator, row));
        return;
      }
    }
    active.emplace(accumulator);
  }
  void copy(const DeltaRange& range) {
    if (active && row != Accumulator::kNone) {
      newer.push_back(copy_delta(*active, row));
    } else if (active) {
      newer = copy_deltas(*active, range, horizon);
    }
    active.reset();
  }
};

ReadEnd Reader::read(const std::function<ReadRequest()>& locate,
                     const std::function<bool(Row&&)>& sink) const {
  const Gold::Impl& impl = *gold_.impl_;
  std::shared_lock lock(state_.mutex());
  const ReadRequest request = locate();
  const uint32_t number = impl.number_of(request.view);
  const Plan& plan = impl.plans[number];
  const Grouping grouping(plan, request.filters, request.groups);
  ReadEnd end;

  DeltaRange range{grouping.scanned, {}, 0, 0, 0};
  range.group_words = static_cast<uint32_t>(request.groups.size());
  if (grouping.in_order) {
    range.unit_words = grouping.unit_words;
    if (request.wanted > 0) range.wanted = request.wanted + kSpareRows;
    if (request.after) std::copy_n(request.after->begin(), range.unit_words, range.from.begin());
  }
  const std::optional<Key> exact = grouping.scanned.exact();
  const std::optional<uint32_t> currency = currency_position(request.view);
  Groups groups(grouping, request.text);
  auto add = [&](const Key& key, const Total& total) {
    groups.add(key, total);
    if (currency && grouping.added.matches(key.data()) &&
        std::find(end.currencies.begin(), end.currencies.end(), key[*currency]) == end.currencies.end()) {
      end.currencies.push_back(key[*currency]);
    }
  };
  auto emit = [&] {
    for (Row& row : groups.take()) {
      if (request.after && row.group <= *request.after) continue;
      if (!sink(std::move(row))) return false;
    }
    return true;
  };

  Total total(plan.cells);
  if (exact && read_resident(grouping, *exact, total)) {
    lock.unlock();
    if (!total.zero()) add(*exact, total);
    emit();
    return end;
  }
  Sources sources;
  sources.take(*impl.active[number], exact);
  sources.frozen = impl.frozen;
  sources.snapshot = impl.snapshot;
  lock.unlock();
  sources.copy(range);
  std::vector<Delta> older;
  if (sources.frozen && exact) older = copy_row(*(*sources.frozen)[number], *exact);
  if (sources.frozen && !exact) older = copy_deltas(*(*sources.frozen)[number], range, sources.horizon);
  RowScan scan(plan, grouping.scanned, range.from, sources.horizon, std::move(sources.newer),
               std::move(older), *sources.snapshot);

  Key key{}, unit{};
  while (scan.next(key, total)) {
    if (grouping.in_order) {
      Key of{};
      std::copy_n(key.begin(), grouping.unit_words, of.begin());
      if (of != unit && !emit()) return end;
      unit = of;
    }
    if (sources.horizon && key > *sources.horizon) break;
    add(key, total);
    if (exact && members_of(plan, total) >= kResidentMembers) make_resident(plan, key);
  }
  if (emit() && sources.horizon) {
    end.reached = last_of(*sources.horizon, grouping.unit_words);
  }
  return end;
}

bool Reader::read_resident(const Grouping& grouping, const Key& key, Total& total) const {
  Gold::Impl& impl = *gold_.impl_;
  const Plan& plan = grouping.plan;
  return impl.residents.read(impl.number_of(*plan.view), key, hash_key(key, plan.keys),
                             [&](const Resident& row) {
                               std::vector<MemberCount> days;
                               std::vector<uint64_t> live;
                               for (uint32_t set = 0; set < plan.sets; ++set) live.push_back(row.live(set));
                               for (uint32_t set : plan.day_sets) row.members(set, days);
                               total.add(row.cells(), days);
                               total.settle();
                               total.set_live(std::move(live));
                             });
}

// Under the mutex from beginning to end, so that no booking is missed; once for a row that is read often.
void Reader::make_resident(const Plan& plan, const Key& key) const {
  Gold::Impl& impl = *gold_.impl_;
  const uint32_t number = impl.number_of(*plan.view);
  KeyFilters exact(plan.keys);
  for (uint32_t i = 0; i < plan.keys; ++i) exact.add({i, {key[i]}, 0, ~0u, false});
  std::shared_lock lock(state_.mutex());
  if (impl.residents.read(number, key, hash_key(key, plan.keys), [](const Resident&) {})) return;
  std::vector<Delta> active = copy_row(*impl.active[number], key);
  std::vector<Delta> frozen;
  if (impl.frozen) frozen = copy_row(*(*impl.frozen)[number], key);
  RowScan scan(plan, exact, {}, std::nullopt, std::move(active), std::move(frozen), *impl.snapshot);
  Key found{};
  Total total(plan.cells);
  if (!scan.next(found, total)) return;
  impl.residents.add(std::make_unique<Resident>(number, key, total.cells(), total.members()),
                     hash_key(key, plan.keys));
}

}  // namespace lode::gold
