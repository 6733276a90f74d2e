#include "wire/event_stream.h"

namespace lode::wire {

void append_server_event(std::string& out, std::string_view type, int64_t id, std::string_view data) {
  out += "event: ";
  out += type;
  out += "\nid: " + std::to_string(id) + "\ndata: ";
  out += data;
  out += "\n\n";
}

Response event_stream_head() {
  Response head;
  head.content_type = "text/event-stream";
  head.headers.emplace_back("Cache-Control", "no-store");
  return head;
}

}  // namespace lode::wire
