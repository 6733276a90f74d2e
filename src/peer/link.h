// The way to one peer: keeps a connection to it, connects again when it is lost, and gives what is sent and
// asked to it. An outbox per link bounds what waits; without a connection nothing waits.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>

#include "peer/backoff.h"
#include "peer/connection.h"
#include "peer/pending_calls.h"
#include "peer/site.h"

namespace lode::peer {

class Link final : public ConnectionOwner, public std::enable_shared_from_this<Link> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Link(std::shared_ptr<Site> site, Peer peer);

  // The network's thread.
  void start();
  void hurry();                       // the peer is there: no more waiting for the next try
  void stop(const std::string& why);  // ends calls, connects no more

  // Any thread.
  bool send(const raft::Message& message);
  void call(uint8_t kind, Bytes body, std::chrono::milliseconds timeout, const Done& done);
  LinkStatus status() const;
  const Peer& peer() const { return peer_; }

  void secured() override;
  void received(Frame frame) override;
  void closed(const std::string& why) override;

 private:
  enum class State : uint8_t { waiting, opening, up, stopped };

  void connect();
  void connected(boost::system::error_code error);
  void welcomed(const Welcome& welcome);
  void answered(const Frame& frame);
  void ponged(const Frame& frame);
  void down(const std::string& why);
  void on_timer();
  void tick_up(Time now);
  void schedule();
  void refuse_call(const Done& done, std::string code, std::string detail);
  void finish_calls(std::vector<Done> calls, const Answer& answer);
  std::string name() const;  // "node 3 at 10.0.0.3:7071"

  const std::shared_ptr<Site> site_;
  const Peer peer_;
  const std::shared_ptr<Outbox> outbox_;
  const std::shared_ptr<Traffic> traffic_;
  PendingCalls calls_;

  // The network's thread.
  State state_ = State::waiting;
  boost::asio::steady_timer timer_;
  boost::asio::ip::tcp::socket socket_;  // while it connects
  std::shared_ptr<Connection> connection_;
  Backoff backoff_;
  Time due_;          // of the next try, of the welcome, or of the next ping
  std::string told_;  // the trouble that the log has already

  mutable std::mutex status_mutex_;
  LinkStatus status_;  // without the counters
};

}  // namespace lode::peer
