// What a view's rows count in its digest. A digest is linear in what a row holds,
//
//   sum over rows of row(key) * (sum of value * cell + sum of count * member)   mod 2^128
//
// so each booking adds its part without a look at the row, and the sum over all deltas is that over all rows:
// of what was taken back nothing remains. Weights are hashes of the view's declaration, of the key's texts
// and days, and of the member; none depends on dictionary numbers. Immutable; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "event/money.h"
#include "gold/view.h"
#include "store/text_hashes.h"

namespace lode::gold {

constexpr size_t kMaxKeys = 6;
constexpr size_t kColumns = 10;
using Key = std::array<uint32_t, kMaxKeys>;  // words past the view's keys are 0

using Words = std::array<uint32_t, kColumns>;  // by column, what a fact can be keyed by

// A word of a key, or a member, as hashes go on from it.
using WordHash = uint64_t;
using WordHashes = std::array<WordHash, kColumns>;  // by column

class Weights {
 public:
  Weights() = default;
  Weights(const View& view, uint32_t cells, uint32_t sets);

  uint64_t row(const WordHashes& words) const {
    uint64_t sum = seed_;
    for (Column column : keys_) sum += words[static_cast<size_t>(column)];
    return spread(sum);
  }
  uint64_t row(const Key& key, const store::TextHashes& texts) const;
  int64_t cell(uint32_t number) const { return cells_[number]; }
  uint64_t member(uint32_t set, uint64_t hash) const { return spread(sets_[set] + hash); }

  static WordHash hash_word(Column column, uint32_t word, const store::TextHashes& texts) {
    uint64_t salt = kSalts[static_cast<size_t>(column)];
    return is_text(column) ? texts[word] * salt : spread(salt + word);
  }

 private:
  static constexpr uint64_t kSalts[kColumns] = {
      0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 0xd6e8feb86659fd93, 0xa0761d6478bd642f,
      0xe7037ed1a0b428db, 0x8ebc6af09c88c6e3, 0x589965cc75374cc3, 0x1d8e4e27c47d124f, 0xeb44accab455d165};
  static constexpr bool is_text(Column column) {
    return column != Column::day && column != Column::country && column != Column::currency &&
           column != Column::kind;
  }
  // Numbers in a row, like offsets, must not get weights in a row: these are added up. One to one.
  static uint64_t spread(uint64_t word) {
    word = (word ^ word >> 32) * 0xd6e8feb86659fd93u;
    word = (word ^ word >> 29) * 0x9fb21c651e98df25u;
    return word ^ word >> 32;
  }

  uint64_t seed_ = 0;
  std::vector<Column> keys_;
  std::vector<int64_t> cells_;  // of 58 bits: 32 of them add up in 64
  std::vector<uint64_t> sets_;
};

// What one fact of a kind adds to a row before the row's weight, orders and members aside: its cells' weights
// added up by what they sum.
struct FactWeights {
  int64_t quantity = 0, amount = 0, discount = 0;

  void add(Measure::Operand operand, int64_t cell);
  unsigned __int128 of(const silver::Fact& fact) const {
    using event::Int128;
    bool small = fact.amount == static_cast<int64_t>(fact.amount);
    Int128 money = small ? Int128{static_cast<int64_t>(fact.amount)} * amount : fact.amount * amount;
    return static_cast<unsigned __int128>(Int128{fact.quantity} * quantity + money +
                                          Int128{fact.discount} * discount);
  }
};

}  // namespace lode::gold
