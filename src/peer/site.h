// What all connections of one network share.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "env/clock.h"
#include "peer/call.h"
#include "peer/link_status.h"
#include "peer/settings.h"
#include "peer/tls.h"

namespace lode::peer {

class Site {
 public:
  // Throws std::runtime_error with a sentence: TLS files, or none of them and an address beyond this machine.
  Site(Settings chosen, Callbacks calls, const env::Clock& time);

  // Any thread: runs `task` on the network's thread. False, and nothing done, after end().
  bool post(std::function<void()> task);
  void end();

  Self self() const;  // any thread
  void set_cluster(ClusterId cluster);
  std::shared_ptr<Traffic> traffic_of(raft::NodeId node);  // any thread; the same one for ever
  std::shared_ptr<boost::asio::ssl::context> tls_context() const { return tls ? tls->context() : nullptr; }

  const Settings settings;
  const Callbacks callbacks;
  const env::Clock& clock;
  const uint64_t incarnation;
  std::unique_ptr<Tls> tls;
  std::string address;                // where others can call; set before the thread starts
  std::array<Handler, 256> handlers;  // by kind; fixed once the thread runs
  boost::asio::io_context context{1};

 private:
  mutable std::mutex mutex_;
  bool ended_ = false;
  ClusterId cluster_;
  std::map<raft::NodeId, std::shared_ptr<Traffic>> traffic_;
};

// Why `address` may not be used without TLS; nothing: it may.
std::optional<std::string> needs_tls(const std::string& address);

}  // namespace lode::peer
