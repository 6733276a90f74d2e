#include "peer/connection.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <utility>

namespace lode::peer {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr size_t kWriteBytes = 512 * 1024;  // of each lane, in one gather write
constexpr size_t kSignBytes = 64 * 1024;    // a write of that much tells that the other end takes in
constexpr const char* kEnded = "the other end closed the connection";

}  // namespace

Connection::Connection(std::unique_ptr<Stream> stream, std::shared_ptr<Outbox> outbox)
    : stream_(std::move(stream)), outbox_(std::move(outbox)) {}

void Connection::start(Stream::End end, std::shared_ptr<ConnectionOwner> owner) {
  owner_ = std::move(owner);
  error_code ignored;
  stream_->socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  stream_->socket().set_option(asio::socket_base::keep_alive(true), ignored);
  stream_->handshake(end, [self = shared_from_this()](error_code error) {
    if (self->closed_) return;
    if (error) return self->close("the TLS handshake failed: " + self->stream_->explain(error));
    self->last_sign_ = std::chrono::steady_clock::now();
    const auto user = self->owner_;
    user->secured();
    if (!self->closed_) self->read();
  });
}

void Connection::close(const std::string& why) {
  const auto self = shared_from_this();  // closed() lets go of it
  if (std::exchange(closed_, true)) return;
  error_code ignored;
  stream_->socket().close(ignored);
  outbox_->close();
  if (const auto user = std::exchange(owner_, nullptr)) user->closed(why);
}

void Connection::greeted(std::shared_ptr<Traffic> traffic) {
  reader_.set_max_body(kMaxBodyBytes);
  traffic_ = std::move(traffic);
}

void Connection::read() {
  const auto room = reader_.room();
  stream_->read_some(asio::buffer(room.data(), room.size()),
                     [self = shared_from_this()](error_code error, size_t bytes) {
                       if (self->closed_) return;
                       // Frames tell their length, so TLS needs no farewell of its own.
                       if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
                         return self->close(kEnded);
                       if (error) return self->close(self->stream_->explain(error));
                       self->last_sign_ = std::chrono::steady_clock::now();
                       self->traffic_->received_bytes += bytes;
                       self->reader_.filled(bytes);
                       self->take_frames();
                     });
}

void Connection::take_frames() {
  const auto user = owner_;
  try {
    while (!closed_) {
      auto frame = reader_.next();
      if (!frame) break;
      user->received(std::move(*frame));
    }
  } catch (const BadFrame& error) {
    close(error.what());
  }
  if (!closed_) read();
}

void Connection::send_now(OutFrame frame) {
  urgent_ = std::move(frame);
  pump();
}

void Connection::send_last(OutFrame frame) {
  ending_ = true;
  send_now(std::move(frame));
}

void Connection::pump() {
  if (closed_ || writing_) return;
  if (!ending_) sending_ = outbox_->take(kWriteBytes);
  sending_bytes_ = 0;
  sending_frames_ = sending_.size();
  for (const OutFrame& frame : sending_) sending_bytes_ += frame.bytes();
  if (urgent_) sending_.insert(sending_.begin(), *std::exchange(urgent_, std::nullopt));
  if (sending_.empty()) return;
  std::vector<asio::const_buffer> pieces;
  for (OutFrame& frame : sending_) {
    seal(frame);
    pieces.emplace_back(frame.head.data(), frame.head.size());
    for (const Bytes& piece : frame.tail) pieces.emplace_back(piece.view.data(), piece.view.size());
  }
  writing_ = true;
  stream_->write(std::move(pieces), [self = shared_from_this()](error_code error, size_t bytes) {
    self->sending_.clear();
    self->writing_ = false;
    if (self->closed_) return;
    if (error) return self->close(self->stream_->explain(error));
    self->written(bytes);
  });
}

void Connection::written(size_t bytes) {
  traffic_->sent_bytes += bytes;
  if (bytes >= kSignBytes) last_sign_ = std::chrono::steady_clock::now();
  outbox_->sent(sending_bytes_, sending_frames_);
  if (ending_ && !urgent_) {
    error_code ignored;
    stream_->socket().shutdown(asio::socket_base::shutdown_send, ignored);
    return;
  }
  pump();
}

}  // namespace lode::peer
