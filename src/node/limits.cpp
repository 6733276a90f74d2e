#include "node/limits.h"

namespace lode::node {

event::Limits limits_of(const Config& config) {
  return {.body_bytes = config.body_bytes,
          .events_per_request = static_cast<uint32_t>(config.events_per_request),
          .event_bytes = static_cast<uint32_t>(config.event_bytes),
          .lines_per_order = static_cast<uint32_t>(config.lines_per_order),
          .nesting = static_cast<uint32_t>(config.nesting),
          .id_bytes = static_cast<uint32_t>(config.id_bytes),
          .text_bytes = static_cast<uint32_t>(config.text_bytes)};
}

}  // namespace lode::node
