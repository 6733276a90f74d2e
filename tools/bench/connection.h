// One connection of the load: one request at a time, driven by readiness of its socket. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>

namespace lode::bench {

// The server can't be reached, or answers something that is not Lode's protocol.
class ConnectionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Outcome {
  int status = 0;  // as in HTTP
  uint64_t accepted = 0, duplicates = 0, rejected = 0;
  uint32_t retry_after_seconds = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;
  // Connects, or connects again; what was under way is forgotten.
  virtual void open() = 0;
  // Makes request number `request` and begins to send it.
  virtual void start(uint64_t request) = 0;
  // Begins to send the request made last once more.
  virtual void again() = 0;
  virtual int descriptor() const = 0;
  virtual bool wants_write() const = 0;
  // Moves what can be moved without waiting; the outcome once the answer is whole.
  virtual std::optional<Outcome> advance() = 0;
};

}  // namespace lode::bench
