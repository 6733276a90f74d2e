#include "wire/accept.h"

#include <algorithm>
#include <vector>

#include "wire/media_type.h"

namespace lode::wire {
namespace {

struct Range {
  std::string name;    // "text/*"
  int quality = 1000;  // thousandths
};

// "0.25" in thousandths; what is no q-value counts as 1.
int parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 1000;
  int quality = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return 1000;
  int scale = 100;
  for (char digit : text.substr(std::min<size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return 1000;
    quality += (digit - '0') * scale;
    scale /= 10;
  }
  return std::min(quality, 1000);
}

std::vector<Range> parse_ranges(std::string_view accept) {
  std::vector<Range> ranges;
  while (!accept.empty()) {
    size_t comma = accept.find(',');
    auto type = parse_media_type(accept.substr(0, comma));
    accept.remove_prefix(comma == std::string_view::npos ? accept.size() : comma + 1);
    if (!type) continue;
    Range& range = ranges.emplace_back();
    range.name = type->name;
    if (const auto* q = type->parameter("q")) range.quality = parse_quality(*q);
  }
  return ranges;
}

int quality_of(std::string_view offered, const std::vector<Range>& ranges) {
  int best_rank = -1, quality = 0;
  std::string_view kind = offered.substr(0, offered.find('/'));
  for (const Range& range : ranges) {
    int rank = -1;
    if (range.name == offered)
      rank = 2;
    else if (range.name == "*/*")
      rank = 0;
    else if (range.name.ends_with("/*") && range.name.substr(0, range.name.size() - 2) == kind)
      rank = 1;
    if (rank > best_rank) {
      best_rank = rank;
      quality = range.quality;
    }
  }
  return quality;
}

}  // namespace

std::optional<size_t> negotiate(std::string_view accept, std::span<const std::string_view> offered) {
  if (trim_space(accept).empty()) return 0;
  auto ranges = parse_ranges(accept);
  std::optional<size_t> best;
  int best_quality = 0;
  for (size_t i = 0; i < offered.size(); ++i) {
    int quality = quality_of(offered[i], ranges);
    if (quality > best_quality) {
      best_quality = quality;
      best = i;
    }
  }
  return best;
}

}  // namespace lode::wire
