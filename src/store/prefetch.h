// Asks for a cache line that is needed soon.
#pragma once

namespace lode::store {

// The empty asm keeps it: to GCC a function that does nothing but prefetch has no effect, and it drops the
// calls of it.
inline void prefetch(const void* at) {
  __builtin_prefetch(at);
  asm volatile("");
}

}  // namespace lode::store
