// "127.0.0.1:7071", "[::1]:7071" or "localhost:7071" taken apart. Addresses are numeric; names are not looked
// up, except `localhost`, which is 127.0.0.1. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lode::env {

struct Address {
  std::string host;  // numeric, without brackets
  uint16_t port = 0;
  bool loopback = false;  // of this machine alone
};

std::optional<Address> parse_address(std::string_view text);
// The same; throws std::runtime_error with a sentence.
Address address_of(std::string_view text);
std::string address_text(std::string_view host, uint16_t port);

}  // namespace lode::env
