// What the server sees of an open connection, HTTP or TCP. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>

namespace lode::wire {

class Session {
 public:
  virtual ~Session() = default;
  // Called about once a second: closes itself when what it waits for is overdue.
  virtual void check_deadline(int64_t steady_micros) = 0;
  // Ends when what is in flight is answered; at once when nothing is.
  virtual void finish() = 0;
  // What is in flight has had its time: it is told so where that can still be said, and the session ends.
  virtual void cut() = 0;
  virtual void close() = 0;
};

// The sessions of one loop.
using SessionSet = std::unordered_set<Session*>;

}  // namespace lode::wire
