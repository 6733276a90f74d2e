// A file (or standard input) read in pieces; gzip and zstd are recognized by their first bytes and unpacked.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace lode::lodectl {

class SourceFile {
 public:
  // "-" is standard input. Throws Failed when it can't be opened.
  explicit SourceFile(const std::string& path);
  ~SourceFile();

  // Appends the next unpacked bytes to `out`. False: the end. Throws Failed for a damaged or truncated file.
  bool read(std::string& out);
  uint64_t bytes_read() const;   // as they are in the file
  uint64_t bytes_total() const;  // 0: not known

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::lodectl
