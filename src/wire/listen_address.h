// "address:port" taken apart. Addresses are numeric (127.0.0.1, [::1]) or `localhost`; names are not looked
// up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lode::wire {

struct ListenAddress {
  std::string host;  // empty: not an address:port
  uint16_t port = 0;
  bool loopback = false;
};

ListenAddress parse_listen_address(std::string_view text);

}  // namespace lode::wire
