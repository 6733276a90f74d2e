// What a load costs the server: CPU time and memory from /proc, bytes on disk from its data folder.
#pragma once

#include <cstdint>
#include <string>

namespace lode::bench {

struct Usage {
  double cpu_seconds = 0;  // user and system
  uint64_t resident_bytes = 0;
  uint64_t peak_bytes = 0;
  uint64_t disk_bytes = 0;  // blocks in use, as du counts them
};

// `pid` 0: no process figures; an empty folder: no disk figures. What can't be read stays 0.
Usage usage_of(int pid, const std::string& data_dir);

double own_cpu_seconds();

}  // namespace lode::bench
