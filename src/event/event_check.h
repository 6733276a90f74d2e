// The checks that every decoded event passes, whatever form it came in: what its type requires, limits of
// length, ranges.
#pragma once

#include <span>

#include "event/event.h"

namespace lode::event {

struct SentFields {
  bool occurred_at = false;
};

// False: `problem` says what is missing or too much. Pure.
bool check_event(const Event& event, std::span<const Line> lines, SentFields sent, const Limits& limits,
                 Problem& problem);

// The same for one line of a purchase or refund; `sent_quantity`: it was there.
bool check_line(EventType type, const Line& line, uint32_t index, bool sent_quantity, const Limits& limits,
                Problem& problem);

}  // namespace lode::event
