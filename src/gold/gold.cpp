#include "gold/gold.h"

#include <xxhash.h>

#include <algorithm>

#include "gold/gold_impl.h"
#include "gold/row_codec.h"
#include "store/bytes.h"
#include "store/prefetch.h"

namespace lode::gold {
namespace {

struct SortedRow {
  unsigned __int128 head;  // the key's first four words as one number
  uint64_t tail;           // the others
  uint32_t row;
};
static_assert(kMaxKeys == 6);

bool is_before(const SortedRow& a, const SortedRow& b) {
  return a.head != b.head ? a.head < b.head : a.tail < b.tail;
}

std::vector<SortedRow> sorted_rows(const Accumulator& accumulator) {
  std::vector<SortedRow> rows;
  rows.reserve(accumulator.rows());
  for (uint32_t row = 0; row < accumulator.rows(); ++row) {
    const Key key = accumulator.key(row);
    auto two = [&](size_t i) { return uint64_t{key[i]} << 32 | key[i + 1]; };
    rows.push_back({static_cast<unsigned __int128>(two(0)) << 64 | two(2), two(4), row});
  }
  std::sort(rows.begin(), rows.end(), is_before);
  return rows;
}

void write_rows(const Accumulator& accumulator, store::Ingestion& ingestion, bool& begun) {
  constexpr size_t kAhead = 8;  // rows on their way into the cache
  const Plan& plan = accumulator.plan();
  std::vector<event::Int128> cells(plan.cells);
  std::string key, value;
  const std::vector<SortedRow> rows = sorted_rows(accumulator);
  Accumulator::AllMembers all = accumulator.all_members();
  for (size_t i = 0; i < rows.size(); ++i) {
    const SortedRow& row = rows[i];
    if (i + 2 * kAhead < rows.size()) store::prefetch(&all.first[rows[i + 2 * kAhead].row]);
    if (i + kAhead < rows.size()) {
      accumulator.prefetch_cells(rows[i + kAhead].row);
      store::prefetch(all.members.data() + all.first[rows[i + kAhead].row]);
    }
    for (uint32_t cell = 0; cell < plan.cells; ++cell) cells[cell] = accumulator.cell(row.row, cell);
    std::span<MemberCount> members(all.members.data() + all.first[row.row],
                                   all.members.data() + all.first[row.row + 1]);
    std::sort(members.begin(), members.end(),
              [](const MemberCount& a, const MemberCount& b) { return a.id < b.id; });
    value.clear();
    encode_row(cells, members, value);
    if (value.empty()) continue;
    if (!begun) ingestion.begin(kRowFamily);
    begun = true;
    encode_key(plan, accumulator.key(row.row), plan.keys, key);
    ingestion.merge(key, value);
  }
}

std::string change_key(const Plan& plan) { return encode_key(plan, {}, 0); }

// In the order of their keys on the disk.
std::vector<size_t> by_id(const std::vector<Plan>& plans) {
  std::vector<size_t> order(plans.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return plans[a].id < plans[b].id; });
  return order;
}

}  // namespace

uint64_t ruleset_hash(const std::vector<View>& views, const ZoneRules& zone) {
  std::vector<uint64_t> rules = {zone.hash()};
  for (const View& view : views) rules.push_back(view.version);
  std::sort(rules.begin(), rules.end());
  return XXH3_64bits(rules.data(), rules.size() * sizeof(uint64_t));
}

Gold::Impl::Impl(std::vector<View> declared, ZoneRules zone, const store::TextHashes& texts)
    : views(std::move(declared)), booking(views, Calendar(std::move(zone)), texts) {
  for (const View& view : views) plans.emplace_back(view);
  changes.resize(views.size());
  digests.resize(views.size());
  dirty.resize(views.size());
  begin_epoch(nullptr);
}

void Gold::Impl::begin_epoch(const Epoch* before) {
  active.clear();
  for (size_t i = 0; i < plans.size(); ++i) {
    active.push_back(
        std::make_unique<Accumulator>(plans[i], before != nullptr ? (*before)[i].get() : nullptr));
  }
}

Gold::Gold(std::vector<View> views, ZoneRules zone, const store::TextHashes& texts)
    : impl_(std::make_unique<Impl>(std::move(views), std::move(zone), texts)) {}

Gold::~Gold() = default;

const std::vector<View>& Gold::views() const { return impl_->views; }

const View* Gold::find(std::string_view name) const {
  for (const View& view : impl_->views) {
    if (view.name == name) return &view;
  }
  return nullptr;
}

void Gold::book(std::span<const silver::Fact> facts, int sign) {
  if (impl_->booking.add(facts, sign)) impl_->flush_booking();
}

void Gold::change(std::span<const silver::Fact> kept, std::span<const silver::Fact> gone,
                  std::span<const silver::Fact> come) {
  if (impl_->booking.change(kept, gone, come)) impl_->flush_booking();
}

void Gold::touch(uint64_t offset) {
  impl_->flush_booking();
  for (size_t i = 0; i < impl_->dirty.size(); ++i) {
    if (impl_->dirty[i] != 0) impl_->changes[i] = offset + 1;
    impl_->dirty[i] = 0;
  }
}

record::LastChange Gold::last_change(const View& view) const {
  uint64_t change = impl_->changes[impl_->number_of(view)];
  return change == 0 ? record::LastChange() : record::Offset{change - 1};
}

store::Digest Gold::digest(const View& view) const { return impl_->digests[impl_->number_of(view)]; }

std::vector<store::Family> Gold::families() const {
  return {{std::string(kRowFamily), merge_rows}, {std::string(kChangeFamily), nullptr}};
}

void Gold::load(std::shared_ptr<const store::Snapshot> snapshot) {
  impl_->flush_booking();  // into what is dropped
  impl_->begin_epoch(nullptr);
  impl_->frozen.reset();
  impl_->residents.clear();
  for (size_t i = 0; i < impl_->plans.size(); ++i) {
    std::string value;
    impl_->changes[i] = 0;
    impl_->dirty[i] = 0;
    impl_->digests[i] = {};
    if (snapshot->get(kChangeFamily, change_key(impl_->plans[i]), value)) {
      store::Unpacker in(value);
      impl_->changes[i] = in.number();
      impl_->digests[i] = store::unpack_digest(in);
    }
  }
  impl_->snapshot = std::move(snapshot);
}

void Gold::freeze() {
  impl_->flush_booking();
  impl_->frozen = std::make_shared<const Epoch>(std::move(impl_->active));
  impl_->frozen_changes = impl_->changes;
  impl_->frozen_digests = impl_->digests;
  impl_->begin_epoch(impl_->frozen.get());
}

void Gold::write_frozen(store::Ingestion& ingestion) {
  bool begun = false;
  bool changed = false;
  for (size_t i : by_id(impl_->plans)) write_rows(*(*impl_->frozen)[i], ingestion, begun);
  for (size_t i : by_id(impl_->plans)) {
    if ((*impl_->frozen)[i]->rows() == 0) continue;
    if (!changed) ingestion.begin(kChangeFamily);
    changed = true;
    std::string value;
    store::Packer out(value);
    out.number(impl_->frozen_changes[i]);
    store::pack(impl_->frozen_digests[i], out);
    ingestion.put(change_key(impl_->plans[i]), value);
  }
}

void Gold::release_frozen(std::shared_ptr<const store::Snapshot> snapshot) {
  impl_->frozen.reset();
  impl_->snapshot = std::move(snapshot);
}

uint64_t Gold::memory_bytes() const {
  uint64_t bytes = impl_->residents.memory_bytes();
  for (const auto& accumulator : impl_->active) bytes += accumulator->memory_bytes();
  if (impl_->frozen) {
    for (const auto& accumulator : *impl_->frozen) bytes += accumulator->memory_bytes();
  }
  return bytes;
}

}  // namespace lode::gold
