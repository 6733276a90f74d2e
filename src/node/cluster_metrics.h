// What GET /metrics shows of a node's place in its cluster.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "cluster/report.h"

namespace lode::node {

std::vector<prometheus::MetricFamily> families_of(const cluster::Report& report);

}  // namespace lode::node
