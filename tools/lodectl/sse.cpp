#include "lodectl/sse.h"

namespace lode::lodectl {

bool SseReader::feed(std::string_view bytes, const OnEvent& event) {
  pending_ += bytes;
  size_t start = 0;
  for (size_t end; (end = pending_.find('\n', start)) != std::string::npos; start = end + 1) {
    std::string_view text(pending_.data() + start, end - start);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (!line(text, event)) return false;
  }
  pending_.erase(0, start);
  return true;
}

bool SseReader::line(std::string_view text, const OnEvent& event) {
  if (text.empty()) {
    bool go_on = !has_data_ || event(name_, id_, data_);
    name_.clear();
    data_.clear();
    has_data_ = false;
    return go_on;
  }
  if (text.starts_with(':')) return event(kComment, {}, {});
  size_t colon = text.find(':');
  std::string_view field = text.substr(0, colon), value;
  if (colon != std::string_view::npos) value = text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (field == "event") {
    name_ = value;
  } else if (field == "id") {
    id_ = value;
  }
  return true;
}

}  // namespace lode::lodectl
