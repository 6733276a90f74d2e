#include "store/zeroed_memory.h"

#include <sys/mman.h>

#include <new>

namespace lode::store {

void Unmap::operator()(void* memory) const { munmap(memory, bytes); }

void* map_zeroed(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

}  // namespace lode::store
