#include "store/hash96.h"

#include <sodium.h>

#include <cstring>
#include <string>

namespace lode::store {

static_assert(crypto_shorthash_siphashx24_KEYBYTES == 16 && crypto_shorthash_siphashx24_BYTES == 16);

Hash96 Hasher::operator()(std::string_view text) const {
  uint8_t out[crypto_shorthash_siphashx24_BYTES];
  crypto_shorthash_siphashx24(out, reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                              secret_.data());
  Hash96 hash;
  std::memcpy(&hash.high, out, sizeof hash.high);
  std::memcpy(&hash.low, out + sizeof hash.high, sizeof hash.low);
  return hash;
}

Hash96 Hasher::operator()(std::string_view first, std::string_view second) const {
  uint32_t size = static_cast<uint32_t>(first.size());
  char fixed[512];
  size_t total = sizeof size + first.size() + second.size();
  std::string large;
  char* bytes = fixed;
  if (total > sizeof fixed) {
    large.resize(total);
    bytes = large.data();
  }
  std::memcpy(bytes, &size, sizeof size);
  first.copy(bytes + sizeof size, first.size());
  second.copy(bytes + sizeof size + first.size(), second.size());
  return (*this)(std::string_view(bytes, total));
}

}  // namespace lode::store
