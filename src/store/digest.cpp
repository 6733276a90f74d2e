#include "store/digest.h"

#include <xxhash.h>

namespace lode::store {

namespace {

Digest digest_of(XXH128_hash_t hash) {
  return {static_cast<unsigned __int128>(hash.high64) << 64 | hash.low64};
}

}  // namespace

std::string Digest::hex() const {
  std::string out;
  for (int shift = 124; shift >= 0; shift -= 4) {
    out += "0123456789abcdef"[static_cast<unsigned>(sum >> shift) & 15];
  }
  return out;
}

void pack(Digest digest, Packer& out) {
  out.number(kDigestFormat);
  out.number(static_cast<uint64_t>(digest.sum >> 64));
  out.number(static_cast<uint64_t>(digest.sum));
}

Digest unpack_digest(Unpacker& in) {
  if (in.done() || in.number() != kDigestFormat) {
    throw Damaged("the state holds no digests of its rows, or other ones than this version makes");
  }
  unsigned __int128 high = in.number();
  return {high << 64 | in.number()};
}

Digest row_digest(uint64_t table, std::span<const uint64_t> words) {
  return digest_of(XXH3_128bits_withSeed(words.data(), words.size_bytes(), table));
}

uint64_t text_digest(std::string_view text) {
  return text.empty() ? 0 : XXH3_64bits(text.data(), text.size());
}

Digest combine(std::span<const NamedDigest> parts) {
  Digest all;
  for (const NamedDigest& part : parts) {
    uint64_t words[] = {text_digest(part.name), static_cast<uint64_t>(part.digest.sum >> 64),
                        static_cast<uint64_t>(part.digest.sum)};
    all += row_digest(0, words);
  }
  return all;
}

}  // namespace lode::store
