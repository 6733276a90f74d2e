#include "client/connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lode/client.h"

namespace lode::client {
namespace {

constexpr size_t kReadBytes = 64 * 1024;

[[noreturn]] void lose(const std::string& doing, int error) {
  throw ConnectionLost(doing + ": " + std::strerror(error));
}

}  // namespace

Connection::Connection(const std::string& address, uint32_t connect_ms) {
  try {
    connect(address, connect_ms);
  } catch (...) {
    if (socket_ >= 0) close(socket_);
    throw;
  }
}

Connection::~Connection() { close(socket_); }

void Connection::connect(const std::string& address, uint32_t connect_ms) {
  size_t colon = address.rfind(':');
  if (colon == std::string::npos) throw ConnectionLost("an address is written host:port, not " + address);
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  int code = getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found);
  if (code != 0) throw ConnectionLost("can't look up " + address + ": " + gai_strerror(code));
  socket_ = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int error = socket_ < 0 || ::connect(socket_, found->ai_addr, found->ai_addrlen) != 0 ? errno : 0;
  freeaddrinfo(found);
  if (error == EINPROGRESS) {
    pollfd ready{socket_, POLLOUT, 0};
    socklen_t size = sizeof error;
    int polled = ::poll(&ready, 1, static_cast<int>(connect_ms));
    error = polled == 0 ? ETIMEDOUT : polled < 0 ? errno : 0;
    if (error == 0) getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error != 0) lose("can't connect to " + address, error);
  int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void Connection::queue(const uint8_t* frame, size_t bytes) {
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  }
  for (int shift = 0; shift < 32; shift += 8) out_ += static_cast<char>(bytes >> shift & 0xff);
  out_.append(reinterpret_cast<const char*>(frame), bytes);
  flush();
}

void Connection::flush() {
  while (wants_write()) {
    ssize_t moved = send(socket_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0 && errno == EAGAIN) return;
    if (moved < 0) lose("the connection broke while writing", errno);
    sent_ += static_cast<size_t>(moved);
  }
}

bool Connection::receive() {
  char chunk[kReadBytes];
  ssize_t moved;
  do {
    moved = recv(socket_, chunk, sizeof chunk, 0);
  } while (moved < 0 && errno == EINTR);
  if (moved == 0) throw ConnectionLost("the server closed the connection");
  if (moved < 0 && errno != EAGAIN) lose("the connection broke while reading", errno);
  if (moved < 0) return false;
  in_.append(chunk, static_cast<size_t>(moved));
  return true;
}

std::optional<std::string_view> Connection::next() {
  in_.erase(0, taken_);
  taken_ = 0;
  for (;;) {
    if (in_.size() >= 4) {
      size_t length = 0;
      for (size_t i = 0; i < 4; i++) length |= size_t{static_cast<uint8_t>(in_[i])} << (8 * i);
      if (in_.size() >= 4 + length) {
        taken_ = 4 + length;
        return std::string_view(in_).substr(4, length);
      }
    }
    if (!receive()) return std::nullopt;
  }
}

bool Connection::wait(int milliseconds) const {
  pollfd ready{socket_, static_cast<short>(wants_write() ? POLLIN | POLLOUT : POLLIN), 0};
  return ::poll(&ready, 1, milliseconds) != 0;  // a signal counts as ready: the caller looks and waits again
}

}  // namespace lode::client
