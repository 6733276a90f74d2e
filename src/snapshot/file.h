// A file by its descriptor, read and written at places. Everything throws std::system_error with the path.
// One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace lode::snapshot {

class File {
 public:
  static File open(const std::filesystem::path& path);    // to read
  static File create(const std::filesystem::path& path);  // to write and read; empties one that is there
  File(File&& other) noexcept;
  File& operator=(File&&) = delete;
  ~File();

  // Fills up to `size` bytes from `offset` on; less at the file's end only.
  size_t read(uint64_t offset, char* into, size_t size) const;
  // Also sets the disk to work on it, so that sync() has little left to wait for.
  void write(uint64_t offset, std::string_view bytes);
  void sync();

 private:
  File(int fd, std::filesystem::path path);
  [[noreturn]] void fail(const char* what) const;

  int fd_;
  std::filesystem::path path_;
};

// Makes what was created, renamed and removed in the folder last.
void sync_folder(const std::filesystem::path& folder);

// What others may still use of the file system that holds `path`.
uint64_t free_bytes(const std::filesystem::path& path);

}  // namespace lode::snapshot
