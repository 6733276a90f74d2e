#include "wire/listener.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>

#include "env/address.h"
#include "wire/frame.h"
#include "wire/http_exchange.h"
#include "wire/http_session.h"
#include "wire/problem.h"
#include "wire/tcp_session.h"

namespace lode::wire {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kRetryAccept{100};  // after an error such as too many open files

void listen(tcp::acceptor& acceptor, const std::string& address) {
  const env::Address parsed = env::address_of(address);
  const tcp::endpoint endpoint(asio::ip::make_address(parsed.host), parsed.port);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) throw std::runtime_error("cannot listen on " + address + ": " + error.message());
}

std::string refusal_bytes(Listener::Protocol protocol, int64_t now_micros) {
  event::Problem problem{"too_many_connections", "",
                         "The server has as many connections as it may: try again later."};
  std::string out;
  if (protocol == Listener::Protocol::tcp) {
    write_error(0, 503, problem, 1, out);
    return out;
  }
  Response response = problem_response(503, problem, 1);
  out = render_head(response, http_date(now_micros), static_cast<int64_t>(response.body.size()), false);
  return out + response.body;
}

}  // namespace

void check_address(const std::string& address) {
  asio::io_context context;
  tcp::acceptor acceptor(context);
  listen(acceptor, address);
}

Listener::Listener(Protocol protocol, const std::string& address, std::shared_ptr<Site> site,
                   std::vector<Seat>& seats)
    : protocol_(protocol), site_(std::move(site)), seats_(seats), acceptor_(seats.front().loop->context()) {
  listen(acceptor_, address);
}

std::string Listener::address() const {
  const auto endpoint = acceptor_.local_endpoint();
  return env::address_text(endpoint.address().to_string(), endpoint.port());
}

void Listener::start() { accept(); }

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
}

void Listener::accept() {
  if (!acceptor_.is_open()) return;
  Seat& seat = seats_[next_seat_++ % seats_.size()];
  acceptor_.async_accept(seat.loop->context(), [this, &seat](error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {
      seats_.front().loop->call_after(kRetryAccept, [this] { accept(); });
      return;
    }
    accepted(std::move(socket), seat);
    accept();
  });
}

void Listener::accepted(tcp::socket socket, Seat& seat) {
  error_code error;
  if (++site_->connections > site_->live.max_connections) {
    --site_->connections;
    socket.non_blocking(true, error);
    std::string bytes = refusal_bytes(protocol_, site_->services.clock.now_micros());
    socket.write_some(asio::buffer(bytes), error);
    return;
  }
  if (protocol_ == Protocol::http) {
    auto session = std::make_shared<HttpSession>(site_, seat.loop, seat.sessions, std::move(socket));
    seat.loop->post([session] { session->start(); });
  } else {
    auto session = std::make_shared<TcpSession>(site_, seat.loop, seat.sessions, std::move(socket));
    seat.loop->post([session] { session->start(); });
  }
}

}  // namespace lode::wire
