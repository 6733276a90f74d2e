#include "store/row_group.h"

#include "store/bytes.h"
#include "store/keyed_table.h"

namespace lode::store {

namespace {

constexpr size_t kMostRows = 64;
constexpr size_t kMostBytes = 8192;

// Says false when `visit` did.
bool visit_group(uint64_t last, std::string_view value, const RowVisit& visit) {
  Unpacker unpack(value);
  uint64_t count = unpack.number();
  if (count == 0 || count > kMostRows) throw Damaged("a group with an impossible number of rows");
  std::pair<uint64_t, uint64_t> rows[kMostRows];  // distance to the next, size
  uint64_t span = 0;
  uint64_t size = 0;
  for (uint64_t i = 0; i < count; ++i) {
    rows[i].first = unpack.number();
    rows[i].second = unpack.number();
    if ((rows[i].first == 0) != (i + 1 == count) || rows[i].first > last - span) {
      throw Damaged("a group whose numbers don't ascend to its own");
    }
    span += rows[i].first;
    size += rows[i].second;
  }
  std::string_view bytes = unpack.rest();
  if (size != bytes.size()) throw Damaged("a group whose rows don't fit in it");
  uint64_t number = last - span;
  for (uint64_t i = 0; i < count; ++i) {
    if (rows[i].second > bytes.size()) throw Damaged("a row runs past the end of its group");
    if (!visit(number, bytes.substr(0, rows[i].second))) return false;
    bytes.remove_prefix(rows[i].second);
    number += rows[i].first;
  }
  return true;
}

std::string group_key(std::string_view prefix, uint64_t number) {
  return std::string(prefix) + key_of(number);
}

}  // namespace

void RowGroupWriter::add(uint64_t number, std::string_view row) {
  rows_.emplace_back(number, row.size());
  bytes_.append(row);
  if (rows_.size() == kMostRows || bytes_.size() >= kMostBytes) finish();
}

void RowGroupWriter::finish() {
  if (rows_.empty()) return;
  std::string value;
  Packer pack(value);
  pack.number(rows_.size());
  for (size_t i = 0; i < rows_.size(); ++i) {
    pack.number(i + 1 < rows_.size() ? rows_[i + 1].first - rows_[i].first : 0);
    pack.number(rows_[i].second);
  }
  value += bytes_;
  ingestion_.put(group_key(prefix_, rows_.back().first), value);
  rows_.clear();
  bytes_.clear();
}

bool get_grouped_row(const Snapshot& snapshot, std::string_view family, std::string_view prefix,
                     uint64_t number, std::string& row) {
  bool found = false;
  scan_grouped_rows(snapshot, family, prefix, number, number + 1, [&](uint64_t, std::string_view bytes) {
    row = bytes;
    found = true;
    return false;
  });
  return found;
}

bool scan_grouped_rows(const Snapshot& snapshot, std::string_view family, std::string_view prefix,
                       uint64_t from, uint64_t to, const RowVisit& visit) {
  if (from >= to) return true;
  // The last group may end behind `to`, so the bound is the end of the prefix.
  std::string upper(prefix);
  if (!upper.empty()) ++upper.back();
  std::unique_ptr<Iterator> groups = snapshot.iterate(family, group_key(prefix, from), upper);
  bool wanted = true;
  bool more = true;
  for (; more && groups->valid(); groups->next()) {
    uint64_t last = number_of(groups->key().substr(prefix.size()));
    more = visit_group(last, groups->value(), [&](uint64_t number, std::string_view row) {
      if (number >= to) return false;
      if (number >= from) wanted = visit(number, row);
      return wanted;
    });
  }
  return wanted;
}

}  // namespace lode::store
