// The rows of a view that a tail has shown. A stream that begins again tells every row again: this says what
// is news, and which rows went away meanwhile. Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace lode::lodectl {

class ShownRows {
 public:
  // `keys`: the names of the view's key columns.
  explicit ShownRows(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  // The stream begins (again).
  void begin();
  // A row as the stream has it. False: it was shown like this before.
  bool is_news(std::string_view row);
  // A row that the stream says is gone, as the object of its keys.
  void remove(std::string_view key);
  // The rows, as objects of their keys, that did not come again since begin(). Ask when all have come.
  std::vector<std::string> take_gone();
  bool awaits_rows() const { return !unseen_.empty(); }

 private:
  std::string key_of(std::string_view row) const;

  const std::vector<std::string> keys_;
  std::unordered_map<std::string, size_t> shown_;  // key -> hash of the row
  std::unordered_set<std::string> unseen_;         // keys that have not come again
};

}  // namespace lode::lodectl
