// One bound address: accepts connections and hands each to the next loop in turn. Runs on the first loop.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "wire/loop.h"
#include "wire/session.h"
#include "wire/site.h"

namespace lode::wire {

// A loop with its thread's sessions; `sessions` is touched on the loop only.
struct Seat {
  std::shared_ptr<Loop> loop;
  SessionSet sessions;
};

// Throws std::runtime_error with a sentence when the address can't be had; does not keep it.
void check_address(const std::string& address);

class Listener {
 public:
  enum class Protocol : uint8_t { http, tcp };
  // Binds; throws std::runtime_error with a sentence when the address can't be had.
  Listener(Protocol protocol, const std::string& address, std::shared_ptr<Site> site,
           std::vector<Seat>& seats);

  std::string address() const;
  void start();
  void close();  // first loop only

 private:
  void accept();
  void accepted(boost::asio::ip::tcp::socket socket, Seat& seat);

  const Protocol protocol_;
  const std::shared_ptr<Site> site_;
  std::vector<Seat>& seats_;
  boost::asio::ip::tcp::acceptor acceptor_;
  size_t next_seat_ = 0;
};

}  // namespace lode::wire
