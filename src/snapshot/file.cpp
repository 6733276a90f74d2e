#include "snapshot/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace lode::snapshot {

namespace {

[[noreturn]] void fail_at(const std::filesystem::path& path, const char* what) {
  throw std::system_error(errno, std::generic_category(), path.string() + " can't be " + what);
}

int open_or_fail(const std::filesystem::path& path, int flags, const char* what) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0) fail_at(path, what);
  return fd;
}

}  // namespace

File::File(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}

File File::open(const std::filesystem::path& path) { return {open_or_fail(path, O_RDONLY, "opened"), path}; }

File File::create(const std::filesystem::path& path) {
  return {open_or_fail(path, O_RDWR | O_CREAT | O_TRUNC, "created"), path};
}

File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

void File::fail(const char* what) const { fail_at(path_, what); }

size_t File::read(uint64_t offset, char* into, size_t size) const {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd_, into + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read");
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

void File::write(uint64_t offset, std::string_view bytes) {
  const auto begin = static_cast<off_t>(offset);
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put =
        ::pwrite(fd_, bytes.data() + done, bytes.size() - done, begin + static_cast<off_t>(done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail("written");
    done += static_cast<size_t>(put);
  }
  // A hint; whether it was taken shows in sync().
  ::sync_file_range(fd_, begin, static_cast<off_t>(bytes.size()), SYNC_FILE_RANGE_WRITE);
}

void File::sync() {
  if (::fsync(fd_) != 0) fail("synced");
}

void sync_folder(const std::filesystem::path& folder) {
  const int fd = open_or_fail(folder, O_RDONLY | O_DIRECTORY, "opened");
  const bool synced = ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  errno = error;
  if (!synced) fail_at(folder, "synced");
}

uint64_t free_bytes(const std::filesystem::path& path) { return std::filesystem::space(path).available; }

}  // namespace lode::snapshot
