// The dictionary behind a small cache: most events name a sku, channel, type or source that was named just
// before, and the cache knows its number without the keyed hash. Apply thread only.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "store/dictionary.h"
#include "store/prefetch.h"

namespace lode::silver {

class Interner {
 public:
  explicit Interner(store::Dictionary& dictionary);

  uint32_t operator()(store::Domain domain, std::string_view text);
  void prefetch(store::Domain domain, std::string_view text) const {
    store::prefetch(&place_of(domain, text));
  }

 private:
  struct Entry {
    uint32_t number = 0;
    store::Domain domain{};
    uint8_t size = 0;
    std::array<char, 58> text;
  };
  static_assert(sizeof(Entry) == 64);
  static constexpr size_t kEntries = 16384;

  Entry& place_of(store::Domain domain, std::string_view text) const;

  store::Dictionary& dictionary_;
  std::unique_ptr<std::array<Entry, kEntries>> entries_;
  uint32_t size_ = 0;  // of the dictionary when it was last asked; smaller now: it was cleared
};

}  // namespace lode::silver
