#include <xxhash.h>

#include <algorithm>

#include "wire/event_stream.h"
#include "wire/gold_stream.h"
#include "wire/render.h"

namespace lode::wire {

void RowChanges::add(const query::Result& page) {
  if (!offset_) offset_ = page.position.as_of_offset;
  std::vector<size_t> keys;
  std::vector<std::string> names;
  for (size_t i = 0; i < page.columns.size(); ++i) {
    if (std::find(key_names_.begin(), key_names_.end(), page.columns[i]) == key_names_.end()) continue;
    keys.push_back(i);
    names.push_back(page.columns[i]);
  }
  for (const auto& row : page.rows) {
    std::vector<query::Value> key_values;
    for (size_t i : keys) key_values.push_back(row[i]);
    std::string key, whole;
    append_row_json(key, names, key_values);
    append_row_json(whole, page.columns, row);
    bytes_ += whole.size();
    uint64_t hash = XXH3_64bits(whole.data(), whole.size());
    auto before = sent_.find(key);
    if (before == sent_.end() || before->second != hash) append_server_event(out_, "row", *offset_, whole);
    now_.emplace(std::move(key), hash);
  }
}

std::optional<std::string> RowChanges::finish(const std::function<bool(size_t bytes)>& fits) {
  for (const auto& [key, hash] : sent_) {
    if (!now_.contains(key)) append_server_event(out_, "removed", offset_.value_or(-1), key);
  }
  std::optional<std::string> text = std::exchange(out_, {});
  Rows now = std::exchange(now_, {});
  offset_.reset();
  bytes_ = 0;
  if (!fits(text->size())) return std::nullopt;
  sent_ = std::move(now);
  return text;
}

}  // namespace lode::wire
