// What a rule that quarantines has against an event, for who has to put it right. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "event/event.h"
#include "silver/rule.h"

namespace lode::query {

struct Advice {
  std::string_view meaning;  // what is wrong
  std::string_view to_do;
};
Advice advice_on(silver::Rule rule);

// JSON pointer of the first member that the rule refuses; "" is the event as a whole.
std::string refused_member(silver::Rule rule, std::span<const event::Line> lines);

}  // namespace lode::query
