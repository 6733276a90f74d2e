#include "gold/weights.h"

namespace lode::gold {

Weights::Weights(const View& view, uint32_t cells, uint32_t sets)
    : seed_(spread(view.version)), keys_(view.keys) {
  for (uint32_t cell = 0; cell < cells; ++cell) {
    cells_.push_back(static_cast<int64_t>(spread(seed_ + 1 + cell) >> 6));
  }
  for (uint32_t set = 0; set < sets; ++set) sets_.push_back(spread(~seed_ - set));
}

uint64_t Weights::row(const Key& key, const store::TextHashes& texts) const {
  WordHashes words{};
  for (size_t i = 0; i < keys_.size(); ++i) {
    words[static_cast<size_t>(keys_[i])] = hash_word(keys_[i], key[i], texts);
  }
  return row(words);
}

// Measures of one operand differ in their kinds, so of those that take a kind there are 16, and with
// net_amount 32.
void FactWeights::add(Measure::Operand operand, int64_t cell) {
  switch (operand) {
    case Measure::Operand::quantity:
      quantity += cell;
      return;
    case Measure::Operand::amount:
      amount += cell;
      return;
    case Measure::Operand::discount:
      discount += cell;
      return;
    case Measure::Operand::net_amount:
      amount += cell;
      discount -= cell;
      return;
  }
}

}  // namespace lode::gold
