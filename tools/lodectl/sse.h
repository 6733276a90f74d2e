// Cuts a stream of server-sent events into events. Not thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace lode::lodectl {

class SseReader {
 public:
  // The name with which a comment (a heartbeat) is told; it has neither id nor data.
  static constexpr std::string_view kComment = ":";
  using OnEvent = std::function<bool(std::string_view name, std::string_view id, std::string_view data)>;

  // Takes the next bytes, however they are cut. False: `event` answered false.
  bool feed(std::string_view bytes, const OnEvent& event);

 private:
  bool line(std::string_view text, const OnEvent& event);
  std::string pending_;  // the line that has not ended
  std::string name_, id_, data_;
  bool has_data_ = false;
};

}  // namespace lode::lodectl
