#include "bench/http_connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

namespace lode::bench {
namespace {

uint64_t number_after(std::string_view text, std::string_view name) {
  size_t at = text.find(name);
  if (at == std::string_view::npos) return 0;
  at += name.size();
  while (at < text.size() && text[at] == ' ') at++;
  uint64_t value = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), value);
  return value;
}

// A header's value as a number; names compare without case.
bool header_number(std::string_view head, std::string_view name, uint64_t& value) {
  for (size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
    std::string_view rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    if (strncasecmp(rest.data(), name.data(), name.size()) != 0) continue;
    value = number_after(rest, ":");
    return true;
  }
  return false;
}

}  // namespace

int connect_socket(const std::string& address) {
  size_t colon = address.rfind(':');
  if (colon == std::string::npos) throw ConnectionError("an address is written host:port, not " + address);
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  int code = getaddrinfo(address.substr(0, colon).c_str(), address.substr(colon + 1).c_str(), &hints, &found);
  if (code != 0) throw ConnectionError("can't look up " + address + ": " + gai_strerror(code));
  int handle = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval patience{5, 0};
  setsockopt(handle, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  bool connected = handle >= 0 && connect(handle, found->ai_addr, found->ai_addrlen) == 0;
  int error = errno;
  freeaddrinfo(found);
  if (!connected) {
    if (handle >= 0) close(handle);
    throw ConnectionError("can't connect to " + address + ": " + std::strerror(error) +
                          "; is loded running there?");
  }
  int on = 1;
  setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return handle;
}

HttpConnection::HttpConnection(Servers servers, WriteRequest write)
    : servers_(std::move(servers)), write_(std::move(write)) {}

HttpConnection::~HttpConnection() {
  if (socket_ >= 0) close(socket_);
}

void HttpConnection::open() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  servers_.connect([this](const std::string& address) { socket_ = connect_socket(address); });
  in_.clear();
  sent_ = request_.size();
}

void HttpConnection::start(uint64_t request) {
  write_(request, request_);
  again();
}

void HttpConnection::again() {
  sent_ = 0;
  send();
}

void HttpConnection::send() {
  while (sent_ < request_.size()) {
    ssize_t moved =
        ::send(socket_, request_.data() + sent_, request_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0 && errno == EAGAIN) return;
    if (moved < 0)
      throw ConnectionError("the connection broke while writing: " + std::string(std::strerror(errno)));
    sent_ += static_cast<size_t>(moved);
  }
}

bool HttpConnection::receive() {
  char chunk[64 * 1024];
  ssize_t moved = recv(socket_, chunk, sizeof chunk, MSG_DONTWAIT);
  if (moved < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (moved <= 0) {
    throw ConnectionError(moved == 0
                              ? "the server closed the connection"
                              : "the connection broke while reading: " + std::string(std::strerror(errno)));
  }
  in_.append(chunk, static_cast<size_t>(moved));
  return true;
}

std::optional<Outcome> HttpConnection::answer() {
  size_t end = in_.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  std::string_view head(in_.data(), end + 2);
  if (!head.starts_with("HTTP/1.1 ")) throw ConnectionError("the answer is not HTTP/1.1");
  Outcome outcome;
  outcome.status = static_cast<int>(number_after(head.substr(0, 16), "HTTP/1.1 "));
  uint64_t length = 0, retry = 0;
  if (!header_number(head, "content-length", length) && outcome.status != 304 && outcome.status != 204) {
    throw ConnectionError("the answer has no Content-Length");
  }
  if (outcome.status == 304) length = 0;
  if (in_.size() < end + 4 + length) return std::nullopt;
  if (header_number(head, "retry-after", retry)) outcome.retry_after_seconds = static_cast<uint32_t>(retry);
  body_.assign(in_, end + 4, length);
  in_.erase(0, end + 4 + length);
  outcome.accepted = number_after(body_, "\"accepted\":");
  outcome.duplicates = number_after(body_, "\"duplicates\":");
  outcome.rejected = number_after(body_, "\"rejected\":");
  return outcome;
}

std::optional<Outcome> HttpConnection::advance() {
  if (wants_write()) send();
  while (receive()) {
    if (auto outcome = answer()) return outcome;
  }
  return std::nullopt;
}

}  // namespace lode::bench
