#include "admin/verify_log.h"

#include <deque>
#include <optional>

#include "record/batch.h"
#include "record/control.h"

namespace lode::admin {

namespace {

// The batch index, row by row.
class IndexRows {
 public:
  explicit IndexRows(const sequence::BatchIndex& index) : index_(index) {}

  const sequence::IndexedEntry* peek() {
    if (rows_.empty() && !ended_) fill();
    return rows_.empty() ? nullptr : &rows_.front();
  }
  void pop() { rows_.pop_front(); }

 private:
  static constexpr size_t kPage = 4096;

  void fill() {
    index_.scan({next_}, [&](const sequence::IndexedEntry& row) {
      rows_.push_back(row);
      return rows_.size() < kPage;
    });
    ended_ = rows_.size() < kPage;
    if (!rows_.empty()) next_ = rows_.back().base.value + rows_.back().offset_count();
  }

  const sequence::BatchIndex& index_;
  std::deque<sequence::IndexedEntry> rows_;
  uint64_t next_ = 0;
  bool ended_ = false;
};

// The index beside the log: which record an entry begins with, and whether the two say the same.
class IndexCheck {
 public:
  IndexCheck(const materialize::Generation& generation, std::vector<Damage>& damage)
      : rows_(generation.index()),
        end_(generation.materializer().next_offset().value),
        applied_(generation.materializer().applied_entry()),
        damage_(damage) {}

  // The entries before the log's first are gone; their rows stay.
  void skip_to(record::EntryIndex first) {
    while (const auto* row = rows_.peek()) {
      if (row->entry >= first) return;
      take(*row);
    }
  }
  // The next entry. Its first record, if the index knows.
  std::optional<int64_t> entry(record::EntryIndex index, std::optional<uint32_t> records) {
    if (index > applied_) return std::nullopt;
    while (const auto* row = rows_.peek()) {
      if (row->entry > index) break;
      const auto base = static_cast<int64_t>(row->base.value);
      const bool here = row->entry == index;
      if (!here) fault(*row, "it names an entry that is not there");
      if (here && records && row->item_count != *records)
        fault(*row, "it says that the entry has " + std::to_string(row->item_count) + " items, and it has " +
                        std::to_string(*records));
      take(*row);
      if (here) return base;
    }
    return std::nullopt;
  }
  void end() {
    while (const auto* row = rows_.peek()) {
      fault(*row, "it names an entry that is not there");
      take(*row);
    }
    if (next_ != end_)
      damage_.push_back(
          {"batch index", std::nullopt, static_cast<int64_t>(next_), "",
           "it ends at offset " + std::to_string(next_) + ", and the state at " + std::to_string(end_),
           Damage::Cure::rebuild});
  }

 private:
  void take(const sequence::IndexedEntry& row) {
    if (row.base.value != next_)
      fault(row, "the offsets before it end at " + std::to_string(next_) + ": they are not dense");
    next_ = row.base.value + row.offset_count();
    rows_.pop();
  }
  void fault(const sequence::IndexedEntry& row, std::string what) {
    damage_.push_back({"batch index", row.entry.value, static_cast<int64_t>(row.base.value), "",
                       std::move(what), Damage::Cure::rebuild});
  }

  IndexRows rows_;
  const uint64_t end_;
  const record::EntryIndex applied_;
  std::vector<Damage>& damage_;
  uint64_t next_ = 0;
};

uint32_t records_of(const log::StoredEntry& entry) {
  if (entry.type == log::EntryType::batch) return record::RecordBatch::decode(entry.payload).count();
  if (entry.type == log::EntryType::control) record::Control::decode(entry.payload);
  return 0;
}

}  // namespace

void read_entries(const log::Log& log, record::EntryIndex first,
                  const std::function<void(const log::StoredEntry& entry, uint32_t records)>& good,
                  const std::function<void(record::EntryIndex entry, const std::string& what)>& bad) {
  const record::EntryIndex last = log.last_index(kOnlyGroup);
  size_t damaged = 0;
  uint64_t next = std::max(first, log.first_index(kOnlyGroup)).value;
  while (next <= last.value && damaged < kMostDamaged) {
    // What a callback throws is not the log's.
    std::exception_ptr callers;
    try {
      log.scan(kOnlyGroup, {next}, [&](const log::StoredEntry& entry) {
        const uint32_t records = records_of(entry);
        try {
          good(entry, records);
        } catch (...) {
          callers = std::current_exception();
          return false;
        }
        next = entry.index.value + 1;
        return true;
      });
    } catch (const std::runtime_error& error) {
      bad({next}, error.what());
      next += 1;
      damaged += 1;
    }
    if (callers) std::rethrow_exception(callers);
  }
}

LogCheck check_log(const StoppedData& data, const materialize::Generation* generation, const Watch& watch) {
  LogCheck check;
  try {
    data.log().check_files();
  } catch (const std::runtime_error& error) {
    check.damage.push_back({"log", std::nullopt, std::nullopt, "", error.what(), Damage::Cure::restore});
  }
  const record::EntryIndex first = data.log().first_index(kOnlyGroup), last = data.last();
  std::vector<Damage> of_index;
  std::optional<IndexCheck> index;
  if (generation) {
    index.emplace(*generation, of_index);
    index->skip_to(first);
  }
  read_entries(
      data.log(), first,
      [&](const log::StoredEntry& entry, uint32_t records) {
        watch.check();
        watch.tell("reading the log", entry.index.value - first.value, last.value + 1 - first.value,
                   "entries");
        check.entries += 1;
        check.records += records;
        check.bytes += entry.payload.size();
        if (index) index->entry(entry.index, records);
      },
      [&](record::EntryIndex entry, const std::string& what) {
        const auto offset = index ? index->entry(entry, std::nullopt) : std::nullopt;
        check.damage.push_back({"log", entry.value, offset, "", what, Damage::Cure::fetch});
      });
  if (index && check.damage.size() < kMostDamaged) index->end();
  check.damage.insert(check.damage.end(), of_index.begin(), of_index.end());
  return check;
}

}  // namespace lode::admin
