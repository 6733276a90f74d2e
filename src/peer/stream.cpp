#include "peer/stream.h"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "peer/tls.h"

namespace lode::peer {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr size_t kKeepBytes = 2u << 20;
constexpr size_t kRecordBytes = 16 * 1024;  // the most of one TLS record

class PlainStream final : public Stream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

  Socket& socket() override { return socket_; }
  void handshake(End, std::function<void(error_code)> done) override {
    asio::post(socket_.get_executor(), [done = std::move(done)] { done({}); });
  }
  void read_some(asio::mutable_buffer room, Done done) override {
    socket_.async_read_some(room, std::move(done));
  }
  void write(std::vector<asio::const_buffer> pieces, Done done) override {
    asio::async_write(socket_, std::move(pieces), std::move(done));
  }
  bool shows(raft::NodeId) override { return true; }
  std::string explain(error_code error) override { return error.message(); }

 private:
  Socket socket_;
};

class TlsStream final : public Stream {
 public:
  TlsStream(Socket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  Socket& socket() override { return stream_.next_layer(); }
  void handshake(End end, std::function<void(error_code)> done) override {
    stream_.async_handshake(
        end == End::caller ? asio::ssl::stream_base::client : asio::ssl::stream_base::server,
        std::move(done));
  }
  void read_some(asio::mutable_buffer room, Done done) override {
    stream_.async_read_some(room, std::move(done));
  }
  void write(std::vector<asio::const_buffer> pieces, Done done) override {
    asio::async_write(stream_, join_small(pieces), std::move(done));
  }
  bool shows(raft::NodeId node) override { return shows_identity(stream_.native_handle(), node); }
  std::string explain(error_code error) override {
    const long verdict = SSL_get_verify_result(stream_.native_handle());
    if (verdict == X509_V_OK) return error.message();
    return error.message() + ": " + X509_verify_cert_error_string(verdict);
  }

 private:
  std::vector<asio::const_buffer> join_small(const std::vector<asio::const_buffer>& pieces);

  const std::shared_ptr<asio::ssl::context> context_;
  asio::ssl::stream<Socket> stream_;
  std::string joined_;  // of the write that is under way
};

// A TLS record is made from one piece of memory, so many small pieces would be many small records. They are
// put together; sealing a record copies its bytes anyway.
std::vector<asio::const_buffer> TlsStream::join_small(const std::vector<asio::const_buffer>& pieces) {
  size_t small = 0;
  for (const auto& piece : pieces) small += piece.size() < kRecordBytes ? piece.size() : 0;
  joined_.clear();
  if (joined_.capacity() > kKeepBytes) joined_ = {};
  joined_.reserve(small);  // it must not move from here on
  std::vector<asio::const_buffer> out;
  size_t run = 0;  // bytes at the end of joined_ that are not in `out` yet
  const auto end_run = [&] {
    if (run > 0) out.emplace_back(joined_.data() + joined_.size() - run, run);
    run = 0;
  };
  for (const auto& piece : pieces) {
    if (piece.size() >= kRecordBytes) {
      end_run();
      out.push_back(piece);
      continue;
    }
    joined_.append(static_cast<const char*>(piece.data()), piece.size());
    run += piece.size();
  }
  end_run();
  return out;
}

}  // namespace

std::unique_ptr<Stream> make_stream(Stream::Socket socket, std::shared_ptr<asio::ssl::context> context) {
  if (!context) return std::make_unique<PlainStream>(std::move(socket));
  return std::make_unique<TlsStream>(std::move(socket), std::move(context));
}

}  // namespace lode::peer
