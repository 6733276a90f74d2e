// POST /v1/admin/reload: the configuration is read again.
#pragma once

#include "wire/route.h"

namespace lode::wire {

Route reload_route();

}  // namespace lode::wire
