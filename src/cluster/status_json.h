// What GET /v1/cluster shows. Pure.
#pragma once

#include <string>

#include "cluster/members.h"
#include "cluster/report.h"

namespace lode::cluster {

std::string status_json(const Report& report, const Members& members, int64_t now_micros /* steady */);

}  // namespace lode::cluster
