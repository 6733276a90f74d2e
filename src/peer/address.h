// "127.0.0.1:7071" or "[::1]:7071" as an endpoint. Names are not looked up, except `localhost`. Pure.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>

namespace lode::peer {

// Throws std::runtime_error with a sentence.
boost::asio::ip::tcp::endpoint parse_address(std::string_view text);
std::string address_text(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace lode::peer
