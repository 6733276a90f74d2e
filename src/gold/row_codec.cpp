#include "gold/row_codec.h"

#include <algorithm>
namespace lode::gold {
namespace {

using event::Int128;
using store::Damaged;
using store::Packer;
using store::Unpacker;

// Collects one set's members and appends the set if there are any.
class SetWriter {
 public:
  void add(uint64_t member, int64_t count) {
    if (count == 0) return;
    Packer packer(bytes_);
    packer.number((member - last_) << 1 | (count != 1));
    if (count != 1) packer.signed_number(count);
    last_ = member;
    ++members_;
  }

  void finish(uint32_t set, std::string& out) {
    if (members_ > 0) {
      Packer packer(out);
      packer.number(set);
      packer.number(members_);
      packer.text(bytes_);
    }
    bytes_.clear();
    members_ = last_ = 0;
  }

 private:
  std::string bytes_;
  uint64_t members_ = 0;
  uint64_t last_ = 0;
};

class SetReader {
 public:
  SetReader(std::string_view bytes, uint64_t members) : in_(bytes), left_(members) { next(); }
  bool valid() const { return valid_; }
  uint64_t member() const { return member_; }
  int64_t count() const { return count_; }
  void next() {
    valid_ = left_ > 0;
    if (!valid_) {
      if (!in_.done()) throw Damaged("a set of a gold row has more bytes than members");
      return;
    }
    --left_;
    uint64_t head = in_.number();
    if (head >> 1 == 0 && !first_) throw Damaged("members of a gold row do not ascend");
    first_ = false;
    member_ += head >> 1;
    if (member_ >> 56 != 0) throw Damaged("a member of a gold row is out of range");
    count_ = (head & 1) != 0 ? in_.signed_number() : 1;
    if (count_ == 0) throw Damaged("a member of a gold row counts nothing");
  }

 private:
  Unpacker in_;
  uint64_t left_;
  bool first_ = true;
  bool valid_ = false;
  uint64_t member_ = 0;
  int64_t count_ = 0;
};

bool all_zero(std::span<const Int128> cells) {
  return std::all_of(cells.begin(), cells.end(), [](Int128 cell) { return cell == 0; });
}

void encode_cells(std::span<const Int128> cells, std::string& out) {
  Packer packer(out);
  packer.number(cells.size());
  for (Int128 cell : cells) packer.wide(cell);
}

template <typename Number>
Number sum_of(Number a, Number b) {
  Number sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw Damaged("gold rows whose sum is out of range");
  return sum;
}

uint32_t load_word(std::string_view bytes) {
  uint32_t word = 0;
  for (char byte : bytes.substr(0, 4)) word = word << 8 | static_cast<uint8_t>(byte);
  return word;
}

}  // namespace

void encode_row(std::span<const Int128> cells, std::span<const MemberCount> members, std::string& out) {
  bool empty = all_zero(cells) &&
               std::all_of(members.begin(), members.end(), [](const MemberCount& m) { return m.count == 0; });
  if (empty) return;
  encode_cells(cells, out);
  thread_local SetWriter writer;
  for (size_t i = 0; i < members.size();) {
    uint32_t set = set_of(members[i].id);
    for (; i < members.size() && set_of(members[i].id) == set; ++i) {
      writer.add(member_of(members[i].id), members[i].count);
    }
    writer.finish(set, out);
  }
}

RowReader::RowReader(std::string_view bytes, std::vector<Int128>& cells) : in_(bytes) {
  uint64_t count = in_.number();
  if (count > bytes.size()) throw Damaged("a gold row has more cells than bytes");
  cells.clear();
  for (uint64_t i = 0; i < count; ++i) cells.push_back(in_.wide());
}

bool RowReader::next_set() {
  if (in_.done()) return false;
  uint64_t set = in_.number();
  if (set > 255 || (!first_ && set <= set_)) throw Damaged("sets of a gold row do not ascend");
  first_ = false;
  set_ = static_cast<uint32_t>(set);
  members_ = in_.number();
  bytes_ = in_.text();
  if (members_ == 0 || members_ > bytes_.size()) throw Damaged("a set of a gold row has the wrong size");
  return true;
}

void RowReader::read_members(std::vector<MemberCount>& out) const {
  for (SetReader in(bytes_, members_); in.valid(); in.next()) {
    out.push_back({member_id(set_, in.member()), in.count()});
  }
}

std::string merge_rows(std::string_view older, std::string_view newer) {
  if (older.empty()) return std::string(newer);
  if (newer.empty()) return std::string(older);
  std::vector<Int128> cells, more;
  RowReader a(older, cells), b(newer, more);
  if (cells.size() != more.size()) throw Damaged("gold rows of different shapes under one key");
  for (size_t i = 0; i < cells.size(); ++i) cells[i] = sum_of(cells[i], more[i]);
  std::string sets;
  sets.reserve(older.size() + newer.size());
  SetWriter writer;
  bool in_a = a.next_set(), in_b = b.next_set();
  while (in_a || in_b) {
    uint32_t set = !in_b || (in_a && a.set() < b.set()) ? a.set() : b.set();
    bool from_a = in_a && a.set() == set, from_b = in_b && b.set() == set;
    SetReader left(from_a ? a.bytes_ : std::string_view(), from_a ? a.members_ : 0);
    SetReader right(from_b ? b.bytes_ : std::string_view(), from_b ? b.members_ : 0);
    while (left.valid() || right.valid()) {
      if (!right.valid() || (left.valid() && left.member() < right.member())) {
        writer.add(left.member(), left.count());
        left.next();
      } else if (!left.valid() || right.member() < left.member()) {
        writer.add(right.member(), right.count());
        right.next();
      } else {
        writer.add(left.member(), sum_of(left.count(), right.count()));
        left.next();
        right.next();
      }
    }
    writer.finish(set, sets);
    if (from_a) in_a = a.next_set();
    if (from_b) in_b = b.next_set();
  }
  std::string out;
  if (sets.empty() && all_zero(cells)) return out;
  encode_cells(cells, out);
  out += sets;
  return out;
}

void encode_key(const Plan& plan, const Key& key, uint32_t words, std::string& out) {
  out.resize(8 + 4 * words);
  char* at = out.data();
  for (int shift = 56; shift >= 0; shift -= 8) *at++ = static_cast<char>(plan.id >> shift);
  for (uint32_t i = 0; i < words; ++i) {
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<char>(key[i] >> shift);
  }
}

std::string encode_key(const Plan& plan, const Key& key, uint32_t words) {
  std::string out;
  encode_key(plan, key, words, out);
  return out;
}

Key decode_key(const Plan& plan, std::string_view bytes) {
  if (bytes.size() != 8 + 4 * plan.keys) throw Damaged("a gold row's key has the wrong size");
  Key key{};
  for (uint32_t i = 0; i < plan.keys; ++i) key[i] = load_word(bytes.substr(8 + 4 * i));
  return key;
}

}  // namespace lode::gold
