// The kinds of run. Each drives the server and answers what it measured; all throw ConnectionError when the
// server is not there.
#pragma once

#include <atomic>
#include <vector>

#include "bench/drive.h"
#include "bench/report.h"
#include "bench/settings.h"

namespace lode::bench {

// Posts events over the chosen protocol with settings.threads threads, until its end or `stop`.
Tally run_appends(const Settings& settings, const std::vector<std::string>& lines,
                  const std::atomic<bool>& stop);

// Throughput and latency of appends, and what they cost.
Report append_report(const Settings& settings);
// Gold point queries by key, with events coming in at background_rate.
Report query_report(const Settings& settings);
// One event at a time: how long until an acknowledged event is in gold.
Report read_your_writes_report(const Settings& settings);
// 4 KiB with fdatasync, again and again, on the disk of a folder: at the end of a file that grows (the file
// system writes its journal too), and into a file that has its size already, as a preallocated log does.
Report fsync_report(const Settings& settings);

}  // namespace lode::bench
