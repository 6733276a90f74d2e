// The addresses of the servers that a connection of the load may go to: one at a time, the next when it is
// gone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/connection.h"

namespace lode::bench {

class Servers {
 public:
  // Begins with number `first`, so that the connections are spread over all of them.
  explicit Servers(std::vector<std::string> addresses, size_t first = 0)
      : addresses_(std::move(addresses)), at_(first % addresses_.size()) {}

  // Calls `connect` with an address: the first one first, later the one after that which it was. Goes through
  // all before it throws ConnectionError.
  template <typename Connect>
  void connect(Connect connect) {
    for (size_t left = addresses_.size();; left--) {
      if (tried_) at_ = (at_ + 1) % addresses_.size();
      tried_ = true;
      try {
        return connect(addresses_[at_]);
      } catch (const ConnectionError&) {
        if (left == 1) throw;
      }
    }
  }

 private:
  std::vector<std::string> addresses_;
  size_t at_;
  bool tried_ = false;
};

}  // namespace lode::bench
