// How many bytes of payloads a group has appended, noted down every so often beside the entries: what a cut
// by size goes by, without reading a payload. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace lode::log {

class SizeMarks {
 public:
  static constexpr uint64_t kStepBytes = 1 << 20;

  struct Mark {
    uint64_t index = 0;
    uint64_t bytes = 0;  // of the entries up to and with `index`, since the counting began
  };

  // As they were kept; ascending.
  void load(const Mark& mark);
  // An entry behind all others. A mark, to be kept with it, once the entries since the last one have
  // kStepBytes.
  std::optional<Mark> add(uint64_t index, uint64_t bytes);
  // What truncate_prefix() and truncate_suffix() do to the log. The first answers the index of the oldest
  // mark that still counts: those below it go. After the second what is behind the last mark counts no more,
  // so that no more than there is ever does.
  uint64_t drop_prefix(uint64_t first_kept);
  void drop_suffix(uint64_t from);

  // Of the entries from `first` on; up to two steps more or less than it is.
  uint64_t bytes_from(uint64_t first) const;
  // The last entry behind which there are `kept_bytes` at least; 0: there are not so many.
  uint64_t last_beyond(uint64_t kept_bytes) const;
  uint64_t last_marked() const { return marks_.empty() ? 0 : marks_.back().index; }

 private:
  std::vector<Mark> marks_;
  uint64_t bytes_ = 0;  // of all entries
};

}  // namespace lode::log
