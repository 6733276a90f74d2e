#include "gold/standings.h"

#include <algorithm>

namespace lode::gold {
namespace {

// Counting the rows before so many costs about as much as a sort of all.
constexpr size_t kFew = 16;

}  // namespace

void Standings::add(const Key& group, const Key& within, const Total& total) {
  entries_.push_back({group, within});
  for (uint32_t of : of_) figures_.push_back(count_of(grouping_.plan, of, total));
}

std::vector<int64_t> Standings::ranks(const std::vector<uint32_t>& wanted) const {
  if (wanted.size() > kFew) return all_ranks(wanted);
  std::vector<int64_t> ranks;
  for (uint32_t entry : wanted) ranks.push_back(rank_of(entry));
  return ranks;
}

int Standings::compare_figures(uint32_t a, uint32_t b) const {
  const size_t width = of_.size();
  for (size_t i = 0; i < width; ++i) {
    event::Int128 left = figures_[a * width + i], right = figures_[b * width + i];
    if (left != right) return left > right ? -1 : 1;
  }
  return 0;
}

bool Standings::text_before(const Key& a, const Key& b) const {
  for (size_t i = 0; i < grouping_.groups.size(); ++i) {
    if (a[i] == b[i]) continue;
    Column column = grouping_.plan.view->keys[grouping_.groups[i]];
    return text_(column, a[i]) < text_(column, b[i]);
  }
  return false;
}

int64_t Standings::rank_of(uint32_t wanted) const {
  const Entry& mine = entries_[wanted];
  int64_t rank = 1;
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    if (i == wanted || entries_[i].within != mine.within) continue;
    int order = compare_figures(i, wanted);
    if (order < 0 || (order == 0 && text_before(entries_[i].group, mine.group))) ++rank;
  }
  return rank;
}

std::vector<int64_t> Standings::all_ranks(const std::vector<uint32_t>& wanted) const {
  std::vector<uint32_t> order(entries_.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    if (entries_[a].within != entries_[b].within) return entries_[a].within < entries_[b].within;
    return compare_figures(a, b) < 0;
  });
  std::vector<bool> asked(entries_.size());
  for (uint32_t entry : wanted) asked[entry] = true;
  std::vector<int64_t> ranks(entries_.size());
  auto group = order.begin();  // of equal `within`
  for (auto first = order.begin(); first != order.end();) {
    if (entries_[*first].within != entries_[*group].within) group = first;
    auto last = std::find_if(first, order.end(), [&](uint32_t entry) {
      return entries_[entry].within != entries_[*first].within || compare_figures(*first, entry) != 0;
    });
    if (last - first > 1 && std::any_of(first, last, [&](uint32_t entry) { return asked[entry]; }))
      sort_tied(first, last);
    for (; first != last; ++first) ranks[*first] = first - group + 1;
  }
  std::vector<int64_t> out;
  for (uint32_t entry : wanted) out.push_back(ranks[entry]);
  return out;
}

// By the texts of their keys, each asked for once.
void Standings::sort_tied(std::vector<uint32_t>::iterator first, std::vector<uint32_t>::iterator last) const {
  std::vector<std::pair<std::vector<std::string>, uint32_t>> named;
  for (auto entry = first; entry != last; ++entry) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < grouping_.groups.size(); ++i) {
      texts.push_back(text_(grouping_.plan.view->keys[grouping_.groups[i]], entries_[*entry].group[i]));
    }
    named.emplace_back(std::move(texts), *entry);
  }
  std::sort(named.begin(), named.end());
  for (const auto& [texts, entry] : named) *first++ = entry;
}

}  // namespace lode::gold
