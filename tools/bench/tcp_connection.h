// The load over TCP, through the public client.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bench/connection.h"
#include "bench/servers.h"
#include "lode/client.h"

namespace lode::bench {

using WriteBatch = std::function<void(uint64_t request, client::Batch& batch)>;

class TcpConnection : public Connection {
 public:
  TcpConnection(Servers servers, bool ack_committed, WriteBatch write);

  void open() override;
  void start(uint64_t request) override;
  void again() override;
  int descriptor() const override { return client_->descriptor(); }
  bool wants_write() const override { return client_->wants_write(); }
  std::optional<Outcome> advance() override;

 private:
  Servers servers_;
  const client::AppendOptions options_;
  const WriteBatch write_;
  std::unique_ptr<client::Client> client_;
  client::Batch batch_;
  uint64_t request_ = 0;
  std::optional<Outcome> outcome_;
};

}  // namespace lode::bench
