#include "event/event.h"

namespace lode::event {

std::string_view to_string(EventType type) {
  switch (type) {
    case EventType::purchase:
      return "purchase";
    case EventType::refund:
      return "refund";
    case EventType::cancellation:
      return "cancellation";
    case EventType::customer:
      return "customer";
    case EventType::product:
      return "product";
  }
  return "unknown";
}

bool parse_event_type(std::string_view text, EventType& out) {
  for (EventType type : {EventType::purchase, EventType::refund, EventType::cancellation, EventType::customer,
                         EventType::product}) {
    if (text == to_string(type)) {
      out = type;
      return true;
    }
  }
  return false;
}

void EventBatch::clear() {
  events.clear();
  indexes.clear();
  lines.clear();
  rejections.clear();
  item_count = 0;
  arena = Arena();
  bodies.clear();
}

}  // namespace lode::event
