// A greeted connection to one of several servers, and the requests on it. With more than one server a broken
// connection is made again elsewhere and everything without an answer sent again; with one it throws
// ConnectionLost. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/addresses.h"
#include "client/answer.h"
#include "client/connection.h"

namespace lode::client {

class Session {
 public:
  using Done = std::function<void(const fb::Frame& answer)>;

  Session(const std::string& addresses, const ClientOptions& options);

  // Throws std::length_error when the server takes no such frame; then nothing is waited for.
  uint64_t send(flatbuffers::FlatBufferBuilder& builder, fb::Body type, flatbuffers::Offset<void> body,
                Done done);
  void flush();
  // Takes the next answer, if it is there, and calls its request's Done, which may send.
  bool take();
  void wait(int milliseconds);

  size_t pending() const { return waiting_.size(); }
  int descriptor() const { return connection_->descriptor(); }
  bool wants_write() const { return connection_->wants_write(); }
  uint32_t max_frame_bytes() const { return max_frame_bytes_; }

 private:
  struct Waiting {
    Done done;
    std::string frame;  // to be sent again; empty with one server
  };

  bool alone() const { return addresses_.size() == 1; }
  void connect();
  void greet();
  // Answers once everything without an answer is on its way to a server that is there.
  void go_on(const ConnectionLost& lost);
  // Runs a step on the connection; when that breaks goes on elsewhere, and the step is not done.
  template <typename Step>
  bool guarded(Step step) {
    try {
      step();
      return true;
    } catch (const ConnectionLost& lost) {
      if (alone()) throw;
      go_on(lost);
      return false;
    }
  }

  Addresses addresses_;
  const ClientOptions options_;
  std::unique_ptr<Connection> connection_;
  uint64_t last_correlation_ = 0;
  uint32_t max_frame_bytes_ = 0;
  std::map<uint64_t, Waiting> waiting_;  // in the order in which they were sent
};

}  // namespace lode::client
