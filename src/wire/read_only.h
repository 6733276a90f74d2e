// A server of the past: rows to read, no log behind them, and nothing is taken in. Any thread.
#pragma once

#include <optional>

#include "wire/route.h"

namespace lode::wire {

// Why the route does nothing there: 403 `read_only` for what changes something, 404 `no_log` for the log.
// Nothing: it answers, or the server is no such one.
std::optional<Response> refuse_read_only(const Site& site, const Route& route);

const event::Problem& read_only_problem();
const event::Problem& no_log_problem();

}  // namespace lode::wire
