// A server on the loopback that does what a test says, for the clients.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

namespace lode {

// Accepts connections one after the other; `serve` has each until it returns.
class Listener {
 public:
  explicit Listener(int connections, std::function<void(int socket)> serve) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    address_ = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this, connections, serve] {
      for (int i = 0; i < connections; i++) {
        int peer = accept(listener_, nullptr, nullptr);
        if (peer < 0) return;
        serve(peer);
        close(peer);
      }
    });
  }
  ~Listener() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  const std::string& address() const { return address_; }

 private:
  int listener_;
  std::string address_;
  std::thread thread_;
};

inline bool read_exactly(int socket, std::string& out, size_t bytes) {
  out.resize(bytes);
  for (size_t at = 0; at < bytes;) {
    ssize_t moved = recv(socket, out.data() + at, bytes - at, 0);
    if (moved <= 0) return false;
    at += static_cast<size_t>(moved);
  }
  return true;
}

inline std::string answer(int status, const std::string& body, const std::string& header = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + header +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline void say(int socket, const std::string& text) { send(socket, text.data(), text.size(), MSG_NOSIGNAL); }

}  // namespace lode
