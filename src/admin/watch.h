// How something that takes long tells how far it is, and is told to end.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string_view>

namespace lode::admin {

// It was told to end, and did.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("cancelled") {}
};

// Both are called on the thread that does the work, and may be null.
struct Watch {
  std::function<void(std::string_view stage, uint64_t done, uint64_t total, std::string_view unit)> progress;
  std::function<bool()> cancelled;

  void tell(std::string_view stage, uint64_t done, uint64_t total, std::string_view unit = "bytes") const {
    if (progress) progress(stage, done, total, unit);
  }
  // Throws Cancelled.
  void check() const {
    if (cancelled && cancelled()) throw Cancelled();
  }
};

}  // namespace lode::admin
