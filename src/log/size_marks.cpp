#include "log/size_marks.h"

#include <algorithm>

namespace lode::log {

namespace {
bool is_before(const SizeMarks::Mark& mark, uint64_t index) { return mark.index < index; }
}  // namespace

void SizeMarks::load(const Mark& mark) {
  marks_.push_back(mark);
  bytes_ = mark.bytes;
}

std::optional<SizeMarks::Mark> SizeMarks::add(uint64_t index, uint64_t bytes) {
  bytes_ += bytes;
  if (bytes_ - (marks_.empty() ? 0 : marks_.back().bytes) < kStepBytes) return std::nullopt;
  marks_.push_back({index, bytes_});
  return marks_.back();
}

uint64_t SizeMarks::drop_prefix(uint64_t first_kept) {
  auto kept = std::lower_bound(marks_.begin(), marks_.end(), first_kept, is_before);
  if (kept != marks_.begin()) marks_.erase(marks_.begin(), kept - 1);
  return marks_.empty() ? 0 : marks_.front().index;
}

void SizeMarks::drop_suffix(uint64_t from) {
  const auto gone = std::lower_bound(marks_.begin(), marks_.end(), from, is_before);
  marks_.erase(gone, marks_.end());
  bytes_ = marks_.empty() ? 0 : marks_.back().bytes;
}

uint64_t SizeMarks::bytes_from(uint64_t first) const {
  const auto from = std::lower_bound(marks_.begin(), marks_.end(), first, is_before);
  return bytes_ - (from == marks_.begin() ? 0 : (from - 1)->bytes);
}

uint64_t SizeMarks::last_beyond(uint64_t kept_bytes) const {
  if (bytes_ < kept_bytes) return 0;
  const uint64_t most = bytes_ - kept_bytes;
  const auto past = std::upper_bound(marks_.begin(), marks_.end(), most,
                                     [](uint64_t bytes, const Mark& mark) { return bytes < mark.bytes; });
  return past == marks_.begin() ? 0 : (past - 1)->index;
}

}  // namespace lode::log
