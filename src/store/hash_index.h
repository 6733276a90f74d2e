// Hash -> two numbers, for ever and for everything: which event id has which offset and content, which order id
// has which row. New keys (the usual case) are told from old ones by a filter in memory, without touching the disk.
// A Part: threads and lock as in state.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "store/state.h"

namespace lode::store {

// 96 bits of a keyed hash: among 10^9 keys the chance of any collision is 6e-12, so a hit needs no confirmation.
struct Hash96 {
  uint64_t high = 0;
  uint32_t low = 0;
  friend auto operator<=>(const Hash96&, const Hash96&) = default;
};

// Keyed (SipHash-128, cut to 96 bits) so that nobody outside can make ids collide. Any thread.
class Hasher {
 public:
  explicit Hasher(std::array<uint8_t, 16> secret) : secret_(secret) {}
  Hash96 operator()(std::string_view text) const;
  // Of a pair, told apart by the first one's length.
  Hash96 operator()(std::string_view first, std::string_view second) const;

 private:
  std::array<uint8_t, 16> secret_;
};

struct IndexValue {
  uint64_t offset = 0;  // below 2^48
  uint64_t content = 0;
  friend bool operator==(const IndexValue&, const IndexValue&) = default;
};

class HashIndex final : public Part {
 public:
  // `with_content` false: only `offset` is stored (order index); content reads as 0.
  HashIndex(std::string family, bool with_content);
  ~HashIndex() override;

  std::optional<IndexValue> find(const Hash96& key) const;  // mutex held, shared at least
  void insert(const Hash96& key, const IndexValue& value);  // apply thread; the key is not there yet
  void prefetch(const Hash96& key) const;                   // hides the cache misses of a batch's lookups
  uint64_t size() const;

  std::vector<Family> families() const override;
  void load(std::shared_ptr<const Snapshot> snapshot) override;
  void freeze() override;
  void write_frozen(Ingestion& ingestion) override;
  void release_frozen(std::shared_ptr<const Snapshot> snapshot) override;
  uint64_t memory_bytes() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::store
