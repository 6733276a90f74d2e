// A connected socket, plain or under TLS, behind one face. The network's thread only.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "raft/message.h"

namespace lode::peer {

class Stream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Done = std::function<void(boost::system::error_code, size_t)>;
  enum class End : uint8_t { caller, called };

  virtual ~Stream() = default;
  virtual Socket& socket() = 0;
  // Proves who both ends are; nothing to do on a plain stream.
  virtual void handshake(End end, std::function<void(boost::system::error_code)> done) = 0;
  virtual void read_some(boost::asio::mutable_buffer room, Done done) = 0;
  // All of it, or an error.
  virtual void write(std::vector<boost::asio::const_buffer> pieces, Done done) = 0;
  // Whether the other end's certificate is `node`'s; always, on a plain stream.
  virtual bool shows(raft::NodeId node) = 0;
  // `error` in words, with OpenSSL's reason for not believing a certificate.
  virtual std::string explain(boost::system::error_code error) = 0;
};

// `context` null: a plain stream.
std::unique_ptr<Stream> make_stream(Stream::Socket socket,
                                    std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace lode::peer
