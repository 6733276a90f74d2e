// The metric families of tasks: what runs, and how the last of each kind ended.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "admin/tasks.h"

namespace lode::node {

std::vector<prometheus::MetricFamily> families_of(const admin::Tasks& tasks);

}  // namespace lode::node
