// What the sessions count: requests by route and status, how long they took, connections, bytes. The only
// labels are names from the route table and status numbers. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lode::wire {

class SessionMetrics {
 public:
  SessionMetrics();
  ~SessionMetrics();

  enum class Protocol : uint8_t { http, tcp };

  // `route`: a name from the route table, "unmatched", or a kind of TCP frame.
  void request(Protocol protocol, std::string_view route, int status, double seconds);
  void opened(Protocol protocol);
  void closed(Protocol protocol);
  void received(Protocol protocol, uint64_t bytes);
  void sent(Protocol protocol, uint64_t bytes);

  // A number was explained, and its contributions came to it or did not.
  void explained(bool adds_up);

  std::string text() const;  // Prometheus text format

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::wire
