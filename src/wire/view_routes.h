// The catalogue of views, their declarations, and the changes of them that an operator asks for.
#pragma once

#include <vector>

#include "wire/route.h"

namespace lode::wire {

std::vector<Route> view_routes();

}  // namespace lode::wire
