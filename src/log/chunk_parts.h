// What the writer and the reader of chunks agree on. Seen by these alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "log/json_split.h"

namespace lode::log {

constexpr char kChunkMagic[4] = {'L', 'O', 'D', 'A'};
constexpr uint8_t kChunkVersion = 1;
constexpr size_t kChunkChecksumAt = 8, kChunkCheckedFrom = 16, kChunkFirstAt = 16, kChunkEntriesAt = 24,
                 kChunkDictionaryAt = 28, kChunkSectionsAt = 32;

constexpr uint64_t kPayloadRoot = 1, kContactRoot = 2;
// A record's payload or contact part: nothing, bytes as they are, else 2 + the number of what is around its
// leaves.
enum TextKind : uint64_t { kNoText = 0, kRawText = 1, kFirstSplit = 2 };
constexpr uint8_t kGapFormat = 4;

// Which column a path's values are in: numbered as the paths appear in payloads' texts, then in contacts'.
class Paths {
 public:
  uint32_t column(uint64_t path) {
    return columns_.try_emplace(path, static_cast<uint32_t>(columns_.size())).first->second;
  }
  size_t size() const { return columns_.size(); }

 private:
  std::unordered_map<uint64_t, uint32_t> columns_;
};

struct SplitText {
  Around around;
  std::vector<uint32_t> columns;  // of around.places
};
inline SplitText split_text(std::string_view around, uint64_t root, Paths& paths) {
  SplitText out{parse_around(around, root), {}};
  for (const Around::Place& place : out.around.places) out.columns.push_back(paths.column(place.path));
  return out;
}

}  // namespace lode::log
