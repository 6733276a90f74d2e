// The service manager that started this process, and wants to know how it is: systemd, by the protocol of
// sd_notify(3), one datagram a message to the socket that NOTIFY_SOCKET names. Without that variable there is
// none, and everything is told to nobody. Any thread; a call neither blocks nor fails.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace lode::env {

class ServiceManager {
 public:
  // From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  static ServiceManager of_environment();
  // `socket`: a path, or @name of the abstract namespace; "": nobody.
  ServiceManager(const std::string& socket, std::optional<std::chrono::microseconds> watchdog);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  bool is_there() const { return socket_ >= 0; }
  // It restarts a process that is not alive() for so long, once it was ready().
  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

  // `status`: one line for people, of `systemctl status`. Line breaks become spaces.
  void ready(std::string_view status);
  void status(std::string_view status);
  // A start that is under way may take so much longer.
  void extend(std::chrono::microseconds time, std::string_view status);
  // The configuration is read anew; over with ready().
  void reloading();
  void stopping(std::string_view status);
  void alive();

 private:
  void tell(const std::string& message);

  int socket_ = -1;
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace lode::env
