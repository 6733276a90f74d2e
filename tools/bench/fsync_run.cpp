#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "bench/runs.h"

namespace lode::bench {

Report fsync_report(const Settings& settings) {
  std::string path = settings.fsync_dir + "/lode-bench-fsync.tmp";
  int file = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("can't write " + path + ": " + std::strerror(errno));
  unlink(path.c_str());
  std::array<char, 4096> block;
  block.fill('x');
  Histogram histogram;
  int64_t end =
      settings.seconds > 0 ? nanoseconds_now() + static_cast<int64_t>(settings.seconds * 1e9) : INT64_MAX;
  uint64_t rounds = settings.events > 0 ? settings.events : 1000;
  for (uint64_t i = 0; i < rounds && nanoseconds_now() < end; i++) {
    int64_t start = nanoseconds_now();
    if (write(file, block.data(), block.size()) != static_cast<ssize_t>(block.size()) ||
        fdatasync(file) != 0) {
      int error = errno;
      close(file);
      throw std::runtime_error("can't write " + path + ": " + std::strerror(error));
    }
    histogram.record(nanoseconds_now() - start);
  }
  close(file);
  Report report;
  report.text("run", "fsync");
  report.text("directory", settings.fsync_dir);
  report.count("appends_of_4096_bytes", histogram.count());
  report.latency("append_fdatasync_us", histogram);
  return report;
}

}  // namespace lode::bench
