#include "bench/tcp_connection.h"

#include <utility>

namespace lode::bench {
namespace {

Outcome outcome_of(const client::AppendResult& result) {
  Outcome out;
  if (result.error) {
    out.status = result.error->status;
    out.retry_after_seconds = result.error->retry_after_seconds;
    return out;
  }
  out.status = 200;
  out.accepted = result.accepted;
  out.duplicates = result.duplicates;
  out.rejected = result.rejected;
  return out;
}

// Runs a step of the client, its errors as this folder's.
template <typename Step>
auto translated(Step step) {
  try {
    return step();
  } catch (const client::ConnectionLost& lost) {
    throw ConnectionError(lost.what());
  }
}

}  // namespace

TcpConnection::TcpConnection(Servers servers, bool ack_committed, WriteBatch write)
    : servers_(std::move(servers)), options_{ack_committed, false}, write_(std::move(write)) {}

void TcpConnection::open() {
  outcome_.reset();
  servers_.connect([this](const std::string& address) {
    translated([&] {
      client_ = std::make_unique<client::Client>(address, client::ClientOptions{"lode-bench", 5'000});
    });
  });
}

void TcpConnection::start(uint64_t request) {
  request_ = request;
  again();
}

void TcpConnection::again() {
  batch_.clear();
  write_(request_, batch_);
  translated([&] {
    client_->append(batch_, options_,
                    [this](const client::AppendResult& result) { outcome_ = outcome_of(result); });
  });
}

std::optional<Outcome> TcpConnection::advance() {
  translated([&] { client_->poll(0); });
  return std::exchange(outcome_, std::nullopt);
}

}  // namespace lode::bench
