// POST /v1/admin/log/truncate: the log's beginning goes.
#pragma once

#include <memory>
#include <variant>

#include "event/problem.h"
#include "wire/exchange.h"
#include "wire/route.h"
#include "wire/site.h"

namespace lode::wire {

struct Truncate {
  uint64_t before = 0;
  bool dry_run = false;
};
// A problem: 400, with a pointer to the member. Pure; any thread.
std::variant<Truncate, event::Problem> parse_truncate(std::string_view body);

Route truncate_route();

}  // namespace lode::wire
