// Reads what a client still sends and drops it, where nobody wants it any more.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>

namespace lode::wire {

// Loop thread. Until the connection ends or more than `most` bytes came; then calls `ended`. `owner` has the
// socket, and lives as long.
void drain_input(boost::asio::ip::tcp::socket& socket, std::shared_ptr<void> owner, uint64_t most,
                 std::function<void()> ended);

}  // namespace lode::wire
