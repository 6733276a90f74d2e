// The service manager's end of its socket, for tests.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace lode::env {

class NotifyListener {
 public:
  // A path, or @name.
  explicit NotifyListener(std::string name)
      : name_(std::move(name)), socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name_.copy(static_cast<char*>(address.sun_path), name_.size());
    if (name_.front() == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), length) != 0)
      throw std::runtime_error("can't bind " + name_);
  }
  ~NotifyListener() {
    ::close(socket_);
    if (name_.front() != '@') std::filesystem::remove(name_);
  }
  NotifyListener(const NotifyListener&) = delete;
  NotifyListener& operator=(const NotifyListener&) = delete;

  const std::string& name() const { return name_; }
  // "" when there is none.
  std::string next() const { return receive(MSG_DONTWAIT); }
  std::string wait() const { return receive(0); }

 private:
  std::string receive(int flags) const {
    std::array<char, 1024> bytes{};
    const ssize_t length = ::recv(socket_, bytes.data(), bytes.size(), flags);
    return length < 0 ? "" : std::string(bytes.data(), static_cast<size_t>(length));
  }

  const std::string name_;
  const int socket_;
};

}  // namespace lode::env
