// What takes long: POST /v1/admin/<kind> for each kind of admin_kinds.h starts a task, and GET
// /v1/admin/tasks tells how far it is.
#pragma once

#include <vector>

#include "wire/route.h"

namespace lode::wire {

std::vector<Route> admin_routes();

}  // namespace lode::wire
