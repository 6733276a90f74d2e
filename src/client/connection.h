// The socket of a client: length-prefixed frames out and in, without blocking. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lode::client {

// Throws ConnectionLost from any call once the peer is gone.
class Connection {
 public:
  Connection(const std::string& address, uint32_t connect_ms);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void queue(const uint8_t* frame, size_t bytes);  // sends what the socket takes
  void flush();
  // The next whole frame, without its length; holds until the next call. Reads only what is there.
  std::optional<std::string_view> next();
  // Waits until bytes can move; -1: for ever. False: the time is up.
  bool wait(int milliseconds) const;
  int descriptor() const { return socket_; }
  bool wants_write() const { return sent_ < out_.size(); }

 private:
  bool receive();
  void connect(const std::string& address, uint32_t connect_ms);

  int socket_ = -1;
  std::string out_, in_;
  size_t sent_ = 0, taken_ = 0;
};

}  // namespace lode::client
