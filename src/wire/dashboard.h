// GET /: one page without outside resources. Pure; any thread.
#pragma once

#include <string_view>

namespace lode::wire {

std::string_view dashboard_html();
// The Content-Security-Policy that goes with it: its own script and style by hash, requests to itself,
// nothing else.
std::string_view dashboard_policy();

}  // namespace lode::wire
