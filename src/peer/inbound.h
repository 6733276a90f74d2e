// A connection that another node made to us: its greeting, then its messages and requests. The network's
// thread only; answers to requests come from any.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "peer/connection.h"
#include "peer/site.h"

namespace lode::peer {

class Inbound;

// All of them; decides whom to let in.
class InboundSet {
 public:
  // `arrived` is told of each node that was let in.
  InboundSet(std::shared_ptr<Site> site, std::function<void(raft::NodeId)> arrived)
      : site_(std::move(site)), arrived_(std::move(arrived)) {}

  void take(Stream::Socket socket);
  // From now on these are known; connections of others are asked for again.
  void set_known(std::set<raft::NodeId> known);
  void close_all(const std::string& why);

 private:
  friend class Inbound;
  std::optional<Refusal> admit(const Inbound& inbound, const Hello& hello);
  std::optional<std::string> refuse_unknown(const Hello& hello) const;
  // Who is sent away comes again every second; the log has it once a minute.
  void tell_trouble(const std::string& who, const std::string& what);

  const std::shared_ptr<Site> site_;
  const std::function<void(raft::NodeId)> arrived_;
  std::set<raft::NodeId> known_;
  std::set<std::shared_ptr<Inbound>> all_;
  std::map<std::string, Connection::Time> told_;
  bool closing_ = false;
};

class Inbound final : public ConnectionOwner, public std::enable_shared_from_this<Inbound> {
 public:
  Inbound(std::shared_ptr<Site> site, InboundSet& set, Stream::Socket socket);

  void start();
  void close(const std::string& why) { connection_->close(why); }
  const std::optional<Hello>& guest() const { return guest_; }  // once welcomed
  // Sends what answers wait in the outbox.
  void pump() { connection_->pump(); }

  void secured() override;
  void received(Frame frame) override;
  void closed(const std::string& why) override;

 private:
  void greet(const Hello& hello);
  void welcome(const Hello& hello);
  void request(const Frame& frame);
  void watch();
  std::string name() const;

  const std::shared_ptr<Site> site_;
  InboundSet& set_;
  const std::string remote_;  // address and port
  const std::shared_ptr<Outbox> outbox_;
  const std::shared_ptr<Connection> connection_;
  boost::asio::steady_timer timer_;
  std::optional<Hello> guest_;
  bool refused_ = false, closed_ = false;
  std::shared_ptr<Traffic> traffic_;
  std::shared_ptr<std::atomic<uint32_t>> unanswered_ = std::make_shared<std::atomic<uint32_t>>(0);
};

}  // namespace lode::peer
