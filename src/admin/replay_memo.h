// What a replay remembers over a kill: where it builds. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lode::admin {

struct ReplayMemo {
  uint64_t folder = 0;    // 0: none is taken yet
  bool prepared = false;  // what it starts from lies there as a whole
  uint64_t copy = 0;      // of a dry run: what it is compared with; 0: none yet
  uint64_t from = 0;      // the offset that it began at

  std::string encode() const;
  static ReplayMemo decode(std::string_view json);  // "" is none
};

}  // namespace lode::admin
