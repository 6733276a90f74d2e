// Large arrays of zeros. Pages cost nothing until they are used, and are large ones where the kernel has
// them, which spares random accesses the second cache miss. What one epoch gave back the next one gets: for
// fresh pages the kernel would fault, clear and unmap each of them again, a tenth of the time that applying
// takes. Any thread; the memory is the process's, as malloc's is.
#pragma once

#include <cstddef>
#include <memory>

namespace lode::store {

// Throws std::bad_alloc.
void* take_zeroed(size_t bytes);
// `bytes`: as taken. Takes no time: what is kept is not cleared yet, and not handed out until it is.
void give_back(void* memory, size_t bytes);
// Clears what was given back, and lets the kernel have what nobody wanted for some calls. May take a while:
// from time to time, on a thread that nobody waits for (a State's flush, after each epoch).
void clear_given_back();

struct GiveBack {
  size_t bytes;
  void operator()(void* memory) const { give_back(memory, bytes); }
};

template <typename T>
using ZeroedMemory = std::unique_ptr<T[], GiveBack>;

template <typename T>
ZeroedMemory<T> zeroed_memory(size_t count) {
  return {static_cast<T*>(take_zeroed(count * sizeof(T))), GiveBack{count * sizeof(T)}};
}

}  // namespace lode::store
