#include "snapshot/content_hash.h"

#include <xxhash.h>

#include <new>

namespace lode::snapshot {

std::string ContentHash::hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (uint64_t half : {high, low})
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[half >> shift & 15];
  return text;
}

struct ContentHasher::Impl {
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state{XXH3_createState()};
};

ContentHasher::ContentHasher() : impl_(std::make_unique<Impl>()) {
  if (!impl_->state) throw std::bad_alloc();
  XXH3_128bits_reset(impl_->state.get());
}

ContentHasher::~ContentHasher() = default;

void ContentHasher::add(std::string_view bytes) {
  XXH3_128bits_update(impl_->state.get(), bytes.data(), bytes.size());
}

ContentHash ContentHasher::hash() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(impl_->state.get());
  return {hash.high64, hash.low64};
}

uint64_t piece_checksum(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace lode::snapshot
