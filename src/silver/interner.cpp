#include "silver/interner.h"

#include <xxhash.h>

namespace lode::silver {

Interner::Interner(store::Dictionary& dictionary)
    : dictionary_(dictionary), entries_(std::make_unique<std::array<Entry, kEntries>>()) {}

Interner::Entry& Interner::place_of(store::Domain domain, std::string_view text) const {
  return (
      *entries_)[XXH3_64bits_withSeed(text.data(), text.size(), static_cast<uint64_t>(domain)) % kEntries];
}

uint32_t Interner::operator()(store::Domain domain, std::string_view text) {
  if (text.empty()) return 0;
  if (text.size() > Entry{}.text.size()) return dictionary_.intern(domain, text);
  if (dictionary_.size() < size_) entries_->fill({});
  size_ = dictionary_.size();
  Entry& entry = place_of(domain, text);
  if (entry.number != 0 && entry.domain == domain && entry.size == text.size() &&
      std::memcmp(entry.text.data(), text.data(), text.size()) == 0) {
    return entry.number;
  }
  entry.number = dictionary_.intern(domain, text);
  entry.domain = domain;
  entry.size = static_cast<uint8_t>(text.size());
  std::memcpy(entry.text.data(), text.data(), text.size());
  return entry.number;
}

}  // namespace lode::silver
