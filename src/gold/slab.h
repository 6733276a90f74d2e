// Elements of one size at stable addresses, in chunks: growing moves nothing. A copy shares the chunks and
// stays as it was: the writer makes its own of a shared chunk before it changes it. One writer, or many
// readers who may copy; a copy is read, and ends, on any thread at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

#include "store/zeroed_memory.h"

namespace lode::gold {

class Slab {
 public:
  explicit Slab(uint32_t element_bytes) : element_bytes_(element_bytes) {}
  Slab(const Slab& other) : element_bytes_(other.element_bytes_), size_(other.size_), chunks_(other.chunks_) {
    other.copied_.store(true, std::memory_order_relaxed);
    for (Chunk* chunk : chunks_) chunk->owners.fetch_add(1, std::memory_order_relaxed);
  }
  Slab& operator=(const Slab&) = delete;
  ~Slab() {
    for (Chunk* chunk : chunks_) let_go(chunk);
  }

  uint32_t size() const { return size_; }
  uint64_t element_bytes() const { return element_bytes_; }
  const char* at(uint32_t position) const {
    return chunks_[position >> kShift]->bytes() + (position & kMask) * element_bytes_;
  }
  // For the writer to change.
  char* at(uint32_t position) {
    Chunk*& chunk = chunks_[position >> kShift];
    if (copied_.load(std::memory_order_relaxed) && chunk->owners.load(std::memory_order_acquire) != 1)
      own(chunk);
    return chunk->bytes() + (position & kMask) * element_bytes_;
  }
  // A new element, all zero bytes.
  uint32_t append() {
    if ((size_ & kMask) == 0) chunks_.push_back(make());
    return size_++;
  }
  uint64_t memory_bytes() const { return uint64_t{chunks_.size()} * chunk_bytes(); }

 private:
  static constexpr uint32_t kShift = 10;
  static constexpr uint64_t kMask = (1u << kShift) - 1;

  struct alignas(64) Chunk {
    std::atomic<uint32_t> owners{1};
    char* bytes() { return reinterpret_cast<char*>(this + 1); }
  };

  uint64_t chunk_bytes() const { return sizeof(Chunk) + (kMask + 1) * element_bytes_; }

  Chunk* make() const { return new (store::take_zeroed(chunk_bytes())) Chunk; }
  void own(Chunk*& chunk) const {
    Chunk* mine = make();
    std::memcpy(mine->bytes(), chunk->bytes(), (kMask + 1) * element_bytes_);
    let_go(chunk);
    chunk = mine;
  }
  void let_go(Chunk* chunk) const {
    if (chunk->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) store::give_back(chunk, chunk_bytes());
  }

  uint64_t element_bytes_;
  uint32_t size_ = 0;
  std::vector<Chunk*> chunks_;
  mutable std::atomic<bool> copied_ = false;  // some chunks may be shared
};

}  // namespace lode::gold
