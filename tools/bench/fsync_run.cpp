#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "bench/runs.h"

namespace lode::bench {
namespace {

constexpr size_t kBlockBytes = 4096;
constexpr size_t kPreparedBlocks = 1024;

class Scratch {
 public:
  explicit Scratch(const std::string& folder) : path_(folder + "/lode-bench-fsync.tmp") {
    file_ = open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (file_ < 0) fail();
    unlink(path_.c_str());
    block_.fill('x');
  }
  ~Scratch() {
    if (file_ >= 0) close(file_);
  }
  void write(uint64_t block) {
    auto moved = pwrite(file_, block_.data(), block_.size(), static_cast<off_t>(block * kBlockBytes));
    if (moved != static_cast<ssize_t>(block_.size())) fail();
  }
  void sync() {
    if (fdatasync(file_) != 0) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw std::runtime_error("can't write " + path_ + ": " + std::strerror(errno));
  }
  const std::string path_;
  int file_ = -1;
  std::array<char, kBlockBytes> block_;
};

}  // namespace

Report fsync_report(const Settings& settings) {
  Histogram growing, prepared;
  uint64_t rounds = settings.events > 0 ? settings.events : 1000;
  int64_t end =
      settings.seconds > 0 ? nanoseconds_now() + static_cast<int64_t>(settings.seconds * 1e9) : INT64_MAX;
  auto measure = [&](Scratch& scratch, uint64_t block, Histogram& into) {
    int64_t start = nanoseconds_now();
    scratch.write(block);
    scratch.sync();
    into.record(nanoseconds_now() - start);
  };
  Scratch grows(settings.fsync_dir), stays(settings.fsync_dir);
  for (size_t block = 0; block < kPreparedBlocks; block++) stays.write(block);
  stays.sync();
  for (uint64_t i = 0; i < rounds && nanoseconds_now() < end; i++) {
    measure(grows, i, growing);
    measure(stays, i % kPreparedBlocks, prepared);
  }
  Report report;
  report.text("run", "fsync");
  report.text("directory", settings.fsync_dir);
  report.count("writes_of_4096_bytes", growing.count());
  report.latency("append_fdatasync_us", growing);
  report.latency("overwrite_fdatasync_us", prepared);
  return report;
}

}  // namespace lode::bench
