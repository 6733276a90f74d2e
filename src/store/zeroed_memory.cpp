#include "store/zeroed_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace lode::store {

namespace {

constexpr size_t kPage = size_t{4} << 10;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLeastKept = size_t{32} << 10;  // less goes straight to the kernel
constexpr size_t kLeastOwn = size_t{1} << 20;    // less is cut from a huge page
constexpr uint32_t kIdleRounds = 2;              // of clear_given_back()

size_t round_up(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

// The size that a block really has: few different ones, so that tables of about the same size share them.
// What of it was never used costs nothing.
size_t size_of(size_t bytes) {
  return bytes < kLeastOwn ? round_up(bytes, kPage) : std::max(kHugePage, std::bit_ceil(bytes));
}

char* map(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

// Begins with a huge page.
char* map_aligned(size_t bytes) {
  char* begin = map(bytes + kHugePage);
  auto address = reinterpret_cast<uintptr_t>(begin);
  size_t before = round_up(address, kHugePage) - address;
  if (before > 0) munmap(begin, before);
  munmap(begin + before + bytes, kHugePage - before);
  madvise(begin + before, bytes, MADV_HUGEPAGE);
  return begin + before;
}

class Blocks {
 public:
  void* take(size_t bytes) {
    const size_t size = size_of(bytes);
    std::unique_lock lock(mutex_);
    std::vector<Block>& clean = clean_[size];
    if (!clean.empty()) {
      void* memory = clean.back().memory;
      clean.pop_back();
      return memory;
    }
    if (size < kLeastOwn) return cut(size);
    lock.unlock();
    return map_aligned(size);
  }

  void give(void* memory, size_t bytes) {
    std::lock_guard lock(mutex_);
    dirty_.push_back({memory, bytes});
  }

  void clear() {
    std::lock_guard one_at_a_time(clearing_);
    std::unique_lock lock(mutex_);
    size_t given = 0;
    for (const Block& block : dirty_) given += block.bytes;
    // Until as much is given back again, no more than that is wanted.
    drop_idle(std::max(given, given_before_) - given);
    given_before_ = given;
    ++round_;
    while (!dirty_.empty()) {
      Block block = dirty_.back();
      dirty_.pop_back();
      lock.unlock();
      std::memset(block.memory, 0, block.bytes);
      lock.lock();
      block.round = round_;
      clean_[size_of(block.bytes)].push_back(block);
    }
  }

 private:
  struct Block {
    void* memory;
    size_t bytes;        // that were used
    uint32_t round = 0;  // in which it was cleared
  };

  void* cut(size_t size) {
    if (left_ < size) {
      next_ = map_aligned(kHugePage);
      left_ = kHugePage;
    }
    left_ -= size;
    return std::exchange(next_, next_ + size);
  }

  // Keeps so many bytes of what nobody wanted: what was wanted last, so of each size those that lie behind.
  // Pieces of a huge page keep their place and lose their pages.
  void drop_idle(size_t kept) {
    for (auto& [size, blocks] : clean_) {
      for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
        if (block->round + kIdleRounds >= round_ && kept >= block->bytes) {
          kept -= block->bytes;
          continue;
        }
        if (block->bytes == 0) continue;
        block->bytes = 0;
        size < kLeastOwn ? madvise(block->memory, size, MADV_DONTNEED) : munmap(block->memory, size);
      }
      if (size >= kLeastOwn) std::erase_if(blocks, [](const Block& block) { return block.bytes == 0; });
    }
  }

  std::mutex clearing_;                         // taken first
  std::mutex mutex_;                            // everything below
  std::map<size_t, std::vector<Block>> clean_;  // by size
  std::vector<Block> dirty_;
  uint32_t round_ = 0;
  size_t given_before_ = 0;  // bytes, by the last round
  char* next_ = nullptr;     // of the huge page that is being cut up
  size_t left_ = 0;
};

// Never destroyed: memory is given back until the last thread ends.
Blocks& blocks() {
  static Blocks* const all = new Blocks;
  return *all;
}

}  // namespace

void* take_zeroed(size_t bytes) { return bytes < kLeastKept ? map(bytes) : blocks().take(bytes); }

void give_back(void* memory, size_t bytes) {
  if (bytes < kLeastKept) {
    munmap(memory, bytes);
  } else {
    blocks().give(memory, bytes);
  }
}

void clear_given_back() { blocks().clear(); }

}  // namespace lode::store
