// Digests: numbers that stand for the rows of a table, whatever files, batches, threads and dictionary
// numbers they came by. A table's digest is the sum of its rows' hashes mod 2^128, so a change of a row is
// its old hash out and its new one in, and order does not matter. Not keyed: for telling nodes, replays and
// disks apart that should be equal, not against somebody who makes up rows. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "store/bytes.h"

namespace lode::store {

struct Digest {
  unsigned __int128 sum = 0;

  Digest& operator+=(Digest other) {
    sum += other.sum;
    return *this;
  }
  Digest& operator-=(Digest other) {
    sum -= other.sum;
    return *this;
  }
  friend bool operator==(Digest, Digest) = default;
  std::string hex() const;  // 32 digits
};

// A digest in a row of the state.
inline constexpr uint64_t kDigestFormat = 1;  // raised when the same rows get another digest
void pack(Digest digest, Packer& out);
// Throws Damaged, also for a digest of another format and where there is none: a state from before digests.
Digest unpack_digest(Unpacker& in);

// A row's hash; `table` tells rows of different tables apart.
Digest row_digest(uint64_t table, std::span<const uint64_t> words);
uint64_t text_digest(std::string_view text);  // a word of a row; "" is 0

// The digest of one table or view.
struct NamedDigest {
  std::string name;
  Digest digest;
  friend bool operator==(const NamedDigest&, const NamedDigest&) = default;
};
// One for all, by names and digests; their order does not matter.
Digest combine(std::span<const NamedDigest> parts);

}  // namespace lode::store
