// The sockets of one node: HTTP and TCP. Threads of its own; stop() lets requests in flight end.
#pragma once

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
  Server(Settings settings, Services services);
  ~Server();

  void start();
  // Stops accepting, answers what is in flight for at most `grace_seconds`, closes the rest.
  void stop(uint32_t grace_seconds);
  std::string http_address() const;  // as bound
  std::string tcp_address() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::wire
