#include "peer/address.h"

#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <stdexcept>

namespace lode::peer {

namespace asio = boost::asio;

asio::ip::tcp::endpoint parse_address(std::string_view text) {
  const auto fail = [&]() -> asio::ip::tcp::endpoint {
    throw std::runtime_error("'" + std::string(text) + "' is not an address: write IP:PORT or [IPv6]:PORT");
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail();
  std::string host(text.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  uint16_t port = 0;
  const auto [end, problem] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  if (problem != std::errc() || end != text.data() + text.size()) return fail();
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(host, error);
  if (error) return fail();
  return {ip, port};
}

std::string address_text(const asio::ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

}  // namespace lode::peer
