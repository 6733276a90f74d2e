// A view's digest from all of its rows, on the disk and in memory.
#include "gold/gold_impl.h"
#include "gold/row_codec.h"

namespace lode::gold {

namespace {

using store::Digest;

// Parts of rows add up, so epochs and disk are scanned one after the other, not merged.
class DigestScan {
 public:
  DigestScan(const Plan& plan, const store::TextHashes& texts) : plan_(plan), texts_(texts) {}

  void add_disk(const store::Snapshot& snapshot) {
    std::string first = encode_key(plan_, {}, 0);
    std::string end = first + std::string(4 * plan_.keys + 1, '\xff');
    for (auto at = snapshot.iterate(kRowFamily, first, end); at->valid(); at->next()) {
      Key key = decode_key(plan_, at->key());
      members_.clear();
      RowReader row(at->value(), cells_);
      if (cells_.size() != plan_.cells) throw store::Damaged("a gold row has another shape than its view");
      while (row.next_set()) {
        if (row.set() >= plan_.sets) throw store::Damaged("a gold row has another shape than its view");
        row.read_members(members_);
      }
      add_row(key);
    }
  }

  void add_epoch(const Accumulator& accumulator) {
    for (uint32_t row = 0; row < accumulator.rows(); ++row) {
      cells_.clear();
      members_.clear();
      for (uint32_t cell = 0; cell < plan_.cells; ++cell) cells_.push_back(accumulator.cell(row, cell));
      accumulator.members(row, members_);
      add_row(accumulator.key(row));
    }
  }

  Digest sum() const { return sum_; }

 private:
  void add_row(const Key& key) {
    using Wide = unsigned __int128;
    const Weights& weights = plan_.weights;
    Wide row = 0;
    for (uint32_t cell = 0; cell < plan_.cells; ++cell) {
      row += static_cast<Wide>(cells_[cell]) * static_cast<Wide>(weights.cell(cell));
    }
    for (const MemberCount& member : members_) {
      uint32_t set = set_of(member.id);
      row += static_cast<Wide>(member.count) * weights.member(set, hash_member(set, member_of(member.id)));
    }
    sum_.sum += row * weights.row(key, texts_);
  }

  WordHash hash_member(uint32_t set, uint64_t member) const {
    auto word = static_cast<uint32_t>(member);
    switch (plan_.set_types[set]) {
      case Plan::SetType::orders:
        return member;
      case Plan::SetType::customers:
        return Weights::hash_word(Column::customer_id, word, texts_);
      case Plan::SetType::days:
        return Weights::hash_word(Column::day, word, texts_);
    }
    return 0;
  }

  const Plan& plan_;
  const store::TextHashes& texts_;
  std::vector<event::Int128> cells_;
  std::vector<MemberCount> members_;
  Digest sum_;
};

}  // namespace

Digest Gold::scan_digest(const View& view, const store::TextHashes& texts) const {
  uint32_t number = impl_->number_of(view);
  DigestScan scan(impl_->plans[number], texts);
  scan.add_disk(*impl_->snapshot);
  if (impl_->frozen) scan.add_epoch(*(*impl_->frozen)[number]);
  scan.add_epoch(*impl_->active[number]);
  return scan.sum();
}

}  // namespace lode::gold
