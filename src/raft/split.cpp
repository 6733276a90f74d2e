#include "raft/split.h"

#include <algorithm>
#include <iterator>

namespace lode::raft {

std::vector<AppendEntries> split_at_changes(AppendEntries message) {
  std::vector<AppendEntries> out;
  std::vector<Entry> entries = std::move(message.entries);
  message.entries.clear();
  auto from = entries.begin();
  do {
    auto is_change = [](const Entry& entry) { return entry.type == log::EntryType::change; };
    const auto to = std::find_if(from == entries.end() ? from : std::next(from), entries.end(), is_change);
    out.push_back(message);
    out.back().entries.assign(std::make_move_iterator(from), std::make_move_iterator(to));
    if (!out.back().entries.empty()) {
      message.prev_index.value += out.back().entries.size();
      message.prev_term = out.back().entries.back().term;
    }
    from = to;
  } while (from != entries.end());
  return out;
}

}  // namespace lode::raft
