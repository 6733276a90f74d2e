#include "silver/rehearsal.h"

#include <algorithm>
#include <set>
#include <vector>

#include "silver/order_row.h"
#include "store/hash96.h"
#include "store/memory_disk.h"

namespace lode::silver {

namespace {

constexpr uint64_t kTakenRows = uint64_t{1} << 47;  // no log comes so far

class NoFacts final : public FactSink {
 public:
  void book(std::span<const Fact>, int) override {}
  void change(std::span<const Fact>, std::span<const Fact>, std::span<const Fact>) override {}
};

std::vector<store::Family> families_of(Tables& tables) {
  std::vector<store::Family> families;
  for (store::Part* part : tables.parts()) {
    for (store::Family& family : part->families()) families.push_back(std::move(family));
  }
  return families;
}

}  // namespace

struct Rehearsal::Impl {
  Impl(const Settings& settings, const Tables& the_real)
      : real(the_real), tables(store::Hasher({})), silver(settings, tables, no_facts) {
    const store::MemoryDisk empty(families_of(tables));
    for (store::Part* part : tables.parts()) part->load(empty.snapshot());
  }

  void take_order(std::string_view order_id);
  void take_quarantined(uint64_t offset);
  OrderRecord own(OrderRecord record);

  const Tables& real;
  Tables tables;
  NoFacts no_facts;
  Silver silver;
  uint64_t next_offset = 0;
  std::set<std::string, std::less<>> orders;  // that were taken over
  std::set<uint64_t> quarantined;             // the same
};

// With numbers of the own dictionary, as far as a verdict depends on them.
OrderRecord Rehearsal::Impl::own(OrderRecord record) {
  record.source = record.customer = record.customer_type = record.channel = 0;
  for (OrderLine& line : record.lines) {
    line.sku = tables.dictionary().intern(store::Domain::sku, real.dictionary().text(line.sku));
    line.category = 0;
    line.description = {};
    line.rules = 0;
  }
  return record;
}

void Rehearsal::Impl::take_order(std::string_view order_id) {
  if (order_id.empty() || !orders.emplace(order_id).second) return;
  const auto row = real.find_order(order_id);
  std::string bytes;
  if (!row || !real.get_order(*row, bytes)) return;
  OrderState state = unpack_order(*row, bytes);
  if (state.records.empty()) return;
  for (OrderRecord& record : state.records) record = own(std::move(record));
  // Under a number that is no offset of its records: rows that begin with their purchase are written in the
  // order of their numbers, and these come in any.
  state.row = kTakenRows + orders.size();
  tables.order_index().insert(tables.hash_order(order_id), {state.row, 0});
  std::vector<const OrderRecord*> all;
  for (const OrderRecord& record : state.records) all.push_back(&record);
  tables.change_order(state, {}, all);
  // What an event makes of the order's other records is settled by their rows.
  for (const OrderRecord& record : state.records) take_quarantined(record.offset);
}

void Rehearsal::Impl::take_quarantined(uint64_t offset) {
  if (!quarantined.insert(offset).second) return;
  auto row = real.get_quarantined(offset);
  if (!row) return;
  row->source = 0;
  tables.put_quarantined(offset, std::nullopt, *row);
  take_order(row->order_id);
}

Rehearsal::Rehearsal(const Settings& settings, const Tables& tables)
    : impl_(std::make_unique<Impl>(settings, tables)) {}

Rehearsal::~Rehearsal() = default;

std::optional<Rule> Rehearsal::apply(const event::Event& event, std::span<const event::Line> lines,
                                     uint64_t next, event::Micros receive_time) {
  if (event.retry_of >= 0) impl_->take_quarantined(static_cast<uint64_t>(event.retry_of));
  impl_->take_order(event.order_id);
  const uint64_t offset = std::max(impl_->next_offset, next);
  impl_->next_offset = offset + 1;
  return impl_->silver.apply(event, lines, {offset}, receive_time);
}

}  // namespace lode::silver
