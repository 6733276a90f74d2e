// A folder for a RocksDbLog that goes with the test, and a look at its files.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "log/rocksdb_log.h"

namespace lode::log {

class LogFolder {
 public:
  LogFolder() {
    path_ = (std::filesystem::temp_directory_path() / "lode-log-XXXXXX").string();
    if (!mkdtemp(path_.data())) throw std::runtime_error("mkdtemp");
  }
  ~LogFolder() { std::filesystem::remove_all(path_); }
  LogFolder(const LogFolder&) = delete;
  LogFolder& operator=(const LogFolder&) = delete;

  const std::string& path() const { return path_; }

  // Files by extension, with the dot, the newest last.
  std::vector<std::filesystem::path> files(const std::string& extension) const {
    std::vector<std::filesystem::path> out;
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      if (file.path().extension() == extension) out.push_back(file.path());
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  static std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
  }
  static void write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::string read_wal() const { return read(files(".log").back()); }

 private:
  std::string path_;
};

}  // namespace lode::log
