#include "env/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime is POSIX
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace lode::env {

namespace {

std::string line_of(std::string_view status) {
  std::string out = "STATUS=";
  for (const char c : status) out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  return out;
}

template <typename Number>
std::optional<Number> number_of(const char* text) {
  if (!text) return std::nullopt;
  Number number{};
  const char* end = text + std::strlen(text);
  const auto [at, error] = std::from_chars(text, end, number);
  return error == std::errc() && at == end ? std::optional(number) : std::nullopt;
}

// The watchdog is meant for the process that WATCHDOG_PID names.
std::optional<std::chrono::microseconds> watchdog_of_environment() {
  const auto micros = number_of<int64_t>(std::getenv("WATCHDOG_USEC"));
  const auto process = number_of<pid_t>(std::getenv("WATCHDOG_PID"));
  if (!micros || *micros <= 0 || (process && *process != getpid())) return std::nullopt;
  return std::chrono::microseconds(*micros);
}

// Of the clock that the manager reads, too.
int64_t monotonic_micros() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

ServiceManager ServiceManager::of_environment() {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  return {socket ? socket : "", watchdog_of_environment()};
}

ServiceManager::ServiceManager(const std::string& socket, std::optional<std::chrono::microseconds> watchdog)
    : watchdog_(watchdog) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.empty() || socket.size() >= sizeof address.sun_path) return;
  std::memcpy(static_cast<char*>(address.sun_path), socket.data(), socket.size());
  if (socket.front() == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket.size());
  const int made = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0) return;
  if (::connect(made, reinterpret_cast<const sockaddr*>(&address), length) == 0) {
    socket_ = made;
  } else {
    ::close(made);
  }
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0) ::close(socket_);
}

void ServiceManager::tell(const std::string& message) {
  if (socket_ >= 0) (void)!::send(socket_, message.data(), message.size(), MSG_NOSIGNAL);
}

void ServiceManager::ready(std::string_view status) { tell("READY=1\n" + line_of(status)); }
void ServiceManager::status(std::string_view status) { tell(line_of(status)); }
void ServiceManager::stopping(std::string_view status) { tell("STOPPING=1\n" + line_of(status)); }
void ServiceManager::alive() { tell("WATCHDOG=1"); }

void ServiceManager::extend(std::chrono::microseconds time, std::string_view status) {
  tell("EXTEND_TIMEOUT_USEC=" + std::to_string(time.count()) + "\n" + line_of(status));
}

void ServiceManager::reloading() {
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_micros()) +
       "\nSTATUS=reading the configuration again");
}

}  // namespace lode::env
