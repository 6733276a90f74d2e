#include "wire/listen_address.h"

#include <arpa/inet.h>

#include <charconv>

namespace lode::wire {

ListenAddress parse_listen_address(std::string_view text) {
  size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  std::string host(text.substr(0, colon));
  std::string_view port_text = text.substr(colon + 1);
  ListenAddress out;
  auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), out.port);
  if (error != std::errc() || end != port_text.data() + port_text.size()) return {};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  in_addr four{};
  in6_addr six{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1)
    out.loopback = ntohl(four.s_addr) >> 24 == 127;
  else if (inet_pton(AF_INET6, host.c_str(), &six) == 1)
    out.loopback = IN6_IS_ADDR_LOOPBACK(&six);
  else
    return {};
  out.host = host;
  return out;
}

}  // namespace lode::wire
