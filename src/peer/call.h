// Requests between nodes: a kind, a body, and an answer that may come later. What they mean is for those who
// make and handle them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "peer/bytes.h"
#include "raft/message.h"

namespace lode::peer {

// How a call ended. After not_sent and unhandled nothing has happened at the other end; after failed what its
// handler says; after timed_out and disconnected it may have happened.
enum class Outcome : uint8_t {
  ok = 0,
  failed = 1,     // the handler's own error
  unhandled = 2,  // nobody there handles this kind
  not_sent = 3,   // not connected, unknown node, too much waits, too large, stopped
  timed_out = 4,
  disconnected = 5,  // the connection ended before the answer came
};

struct Answer {
  Outcome outcome = Outcome::ok;
  std::string code;    // of the error: a handler's, else "not_connected", "overloaded", "timed_out", …
  std::string detail;  // a sentence
  Bytes body;
};

// Answers one request, once, from any thread; copies are the same answer. When the last copy goes unanswered,
// the caller gets `failed` with code "unanswered".
class Responder {
 public:
  struct State;
  explicit Responder(std::shared_ptr<State> state);

  void ok(Bytes body) const;
  // `body` may carry more of the error.
  void fail(std::string code, std::string detail, Bytes body = {}) const;

 private:
  std::shared_ptr<State> state_;
};

struct Request {
  raft::NodeId from;
  uint8_t kind = 0;
  uint32_t timeout_ms = 0;  // how long the caller waits
  Bytes body;
};

// Runs on the network's thread: must not block, must not throw.
using Handler = std::function<void(Request request, Responder responder)>;
using Done = std::function<void(Answer answer)>;

}  // namespace lode::peer
