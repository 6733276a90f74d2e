// HTTP/1.1 by hand, for little cost on the load generator's side: writes prepared bytes, reads the status
// line, the content length and the counts of an append's answer.
#pragma once

#include <functional>
#include <string>

#include "bench/connection.h"
#include "bench/servers.h"

namespace lode::bench {

// Writes a whole request, head and body, into `out`, which still holds the one before.
using WriteRequest = std::function<void(uint64_t request, std::string& out)>;

class HttpConnection : public Connection {
 public:
  HttpConnection(Servers servers, WriteRequest write);
  ~HttpConnection() override;

  void open() override;
  void start(uint64_t request) override;
  void again() override;
  int descriptor() const override { return socket_; }
  bool wants_write() const override { return sent_ < request_.size(); }
  std::optional<Outcome> advance() override;
  const std::string& body() const { return body_; }  // of the last answer

 private:
  void send();
  bool receive();  // false: nothing more to read now
  std::optional<Outcome> answer();

  Servers servers_;
  const WriteRequest write_;
  int socket_ = -1;
  std::string request_, in_, body_;
  size_t sent_ = 0;
};

// Connects with a timeout, without Nagle's delay, not blocking; throws ConnectionError.
int connect_socket(const std::string& address);

}  // namespace lode::bench
