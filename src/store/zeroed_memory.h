// A large array of zeros, straight from the kernel: pages cost nothing until they are used, and are large
// ones where the kernel has them, which spares random accesses the second cache miss.
#pragma once

#include <cstddef>
#include <memory>

namespace lode::store {

struct Unmap {
  size_t bytes;
  void operator()(void* memory) const;
};

template <typename T>
using ZeroedMemory = std::unique_ptr<T[], Unmap>;

void* map_zeroed(size_t bytes);  // throws std::bad_alloc

template <typename T>
ZeroedMemory<T> zeroed_memory(size_t count) {
  return {static_cast<T*>(map_zeroed(count * sizeof(T))), Unmap{count * sizeof(T)}};
}

}  // namespace lode::store
