#include "bench/server_process.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace lode::bench {
namespace {

// Fields 14 and 15 of /proc/PID/stat; the name before them is in parentheses and may hold blanks.
double cpu_seconds(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream rest(text.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; field++) rest >> skipped;
  double user = 0, system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

uint64_t status_bytes(int pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name)) return std::strtoull(line.c_str() + name.size(), nullptr, 10) * 1024;
  }
  return 0;
}

uint64_t disk_bytes(const std::string& folder) {
  namespace fs = std::filesystem;
  uint64_t bytes = 0;
  std::error_code error;
  // Files come and go while the server works: what can't be looked at any more doesn't count.
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    struct stat about;
    if (stat(at->path().c_str(), &about) == 0 && S_ISREG(about.st_mode)) {
      bytes += static_cast<uint64_t>(about.st_blocks) * 512;
    }
  }
  return bytes;
}

}  // namespace

Usage usage_of(int pid, const std::string& data_dir) {
  Usage out;
  if (pid > 0) {
    out.cpu_seconds = cpu_seconds(pid);
    out.resident_bytes = status_bytes(pid, "VmRSS:");
    out.peak_bytes = status_bytes(pid, "VmHWM:");
  }
  if (!data_dir.empty()) out.disk_bytes = disk_bytes(data_dir);
  return out;
}

double own_cpu_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace lode::bench
