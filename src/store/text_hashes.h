// By dictionary number, 64 bits that stand for the text: what digests are made of, so that they do not depend
// on the numbers. 8 bytes a text, in memory. Threads and lock as its dictionary.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/digest.h"
#include "store/prefetch.h"

namespace lode::store {

class TextHashes {
 public:
  // 0 for number 0. A number that was not given throws std::out_of_range.
  uint64_t operator[](uint32_t number) const { return hashes_.at(number); }
  void prefetch(uint32_t number) const { lode::store::prefetch(hashes_.data() + number); }
  void set(uint32_t number, std::string_view text) {
    if (number >= hashes_.size()) hashes_.resize(number + 1);
    hashes_[number] = text_digest(text);
  }
  void clear() { hashes_.assign(1, 0); }

 private:
  std::vector<uint64_t> hashes_ = {0};
};

}  // namespace lode::store
