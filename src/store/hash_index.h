// Hash -> two numbers, for ever and for everything: which event id has which offset and content, which order
// id has which row. New keys (the usual case) are told from old ones by a filter in memory, without touching
// the disk. A Part: threads and lock as in state.h.
//
// The filter (16 bits a key, hash_filter.h) lies in memory alone; on the disk, in a family of its own, lie
// the hashes that it is made of, 8 bytes a key, in blocks that need no sorting or merging. After load(), and
// when the keys outgrow it, a thread of the index's own builds one from them (some 10 ns a key); until the
// first one is ready, lookups go to the disk. What that thread fails at is thrown by the next insert() or
// freeze().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/hash96.h"
#include "store/state.h"

namespace lode::store {

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
  // Waits for the filter after load(), when that takes less than so many lookups without it would. Before the
  // first find(); apply thread.
  void await_filter(uint64_t lookups);

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
