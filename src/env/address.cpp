#include "env/address.h"

#include <arpa/inet.h>

#include <charconv>
#include <stdexcept>

namespace lode::env {
namespace {

bool is_loopback(const in_addr& four) { return ntohl(four.s_addr) >> 24 == 127; }

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  std::string host(text.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return Address{host, *port, is_loopback(four)};
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return std::nullopt;
  host = host.substr(1, host.size() - 2);
  in6_addr six{};
  if (inet_pton(AF_INET6, host.c_str(), &six) != 1) return std::nullopt;
  return Address{host, *port, IN6_IS_ADDR_LOOPBACK(&six) != 0};
}

Address address_of(std::string_view text) {
  if (auto address = parse_address(text)) return *std::move(address);
  throw std::runtime_error("'" + std::string(text) + "' is not an address: write IP:PORT or [IPv6]:PORT");
}

std::string address_text(std::string_view host, uint16_t port) {
  const bool six = host.find(':') != std::string_view::npos;
  return (six ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
}

}  // namespace lode::env
