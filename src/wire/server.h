// The sockets of one node: HTTP and TCP. Threads of its own; stop() lets requests in flight end.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wire/services.h"

namespace lode::wire {

// Throws std::runtime_error with a sentence when one of these ("address:port") can't be had. Keeps none: for
// a start that makes nothing on the disk before it knows.
void check_addresses(const std::vector<std::string>& addresses);

class Server {
 public:
  // Binds both addresses ("address:port"; port 0 takes a free one); throws std::runtime_error with a sentence
  // when one can't be had.
  Server(const Settings& settings, Services services);
  ~Server();

  void start();
  // Takes those of the settings that can change while it serves: all but addresses and threads. Connections
  // that stand go by them from their next request or deadline on. Any thread, from start() until stop().
  void change(const Settings& settings);
  // Whether every loop has run what it was given within `time`: none is stuck. Any thread, as change().
  bool is_alive(std::chrono::milliseconds time);
  // Stops accepting, ends streams and long waits, and answers what is in flight for at most `grace`; what has
  // not been answered then is told that the server stops, where a moment is enough to tell it.
  void stop(std::chrono::milliseconds grace);
  std::string http_address() const;  // as bound
  std::string tcp_address() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::wire
