// A piece of memory and what keeps it alive. Copies share it. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace lode::peer {

struct Bytes {
  Bytes() = default;
  Bytes(std::string_view bytes, std::shared_ptr<const void> keeper) : view(bytes), owner(std::move(keeper)) {}
  explicit Bytes(std::string bytes) {
    auto kept = std::make_shared<const std::string>(std::move(bytes));
    view = *kept;
    owner = std::move(kept);
  }

  std::string_view view;
  std::shared_ptr<const void> owner;  // may be null while `view` is empty
};

}  // namespace lode::peer
