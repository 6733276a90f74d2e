#include "wire/tcp_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "schema/frame_generated.h"
#include "wire/fetch.h"
#include "wire/frame.h"
#include "wire/leader_redirect.h"
#include "wire/message.h"
#include "wire/problem.h"
#include "wire/read_only.h"

namespace lode::wire {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = SessionMetrics::Protocol;

namespace {

constexpr size_t kReadBytes = 64 * 1024;
constexpr size_t kFrameStep = 256 * 1024;   // what is reserved ahead of the bytes that came
constexpr uint32_t kInFlight = 64;          // requests of one connection; past it nothing is read
constexpr size_t kOutBytes = kSmallAnswer;  // answers waiting for a slow reader; past it nothing is read

}  // namespace

TcpSession::TcpSession(std::shared_ptr<Site> site, std::shared_ptr<Loop> loop, SessionSet& sessions,
                       asio::ip::tcp::socket socket)
    : site_(std::move(site)),
      loop_(std::move(loop)),
      sessions_(sessions),
      socket_(std::move(socket)),
      large_room_(site_->bodies) {
  site_->metrics.opened(Protocol::tcp);
}

TcpSession::~TcpSession() {
  if (registered_) sessions_.erase(this);
  --site_->connections;
  site_->metrics.closed(Protocol::tcp);
}

void TcpSession::start() {
  sessions_.insert(this);
  registered_ = true;
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  read_some();
}

void TcpSession::check_deadline(int64_t steady_micros) {
  if ((reading_ && in_flight_ == 0 && steady_micros >= read_deadline_) || steady_micros >= send_deadline_)
    close();
}

void TcpSession::finish() {
  ending_ = true;
  if (in_flight_ == 0 && !sends_) close();
}

// What is in flight was never answered, so its sender has to ask again; there is no frame to say it in.
void TcpSession::cut() {
  ending_ = true;
  if (!sends_) close();
}

void TcpSession::close() {
  if (registered_) sessions_.erase(this);
  registered_ = false;
  closed_ = true;
  reads_.clear();
  error_code ignored;
  socket_.close(ignored);
}

void TcpSession::read_some() {
  if (closed_ || reading_ || ending_ || large_ || in_flight_ >= kInFlight || out_.size() > kOutBytes) return;
  reading_ = true;
  bool partial = in_.size() > 0;
  if (!partial || !partial_) {  // a frame that trickles in has one deadline
    bool waits = !partial && greeted_;
    set_read_deadline(waits ? site_->live.idle_seconds : site_->live.request_seconds);
  }
  partial_ = partial;
  socket_.async_read_some(in_.prepare(kReadBytes),
                          [self = shared_from_this()](error_code error, size_t bytes) {
                            self->reading_ = false;
                            if (self->closed_) return;
                            if (error) return self->close();
                            self->in_.commit(bytes);
                            self->site_->metrics.received(Protocol::tcp, bytes);
                            self->take_frames();
                          });
}

void TcpSession::take_frames() {
  if (taking_ || reading_ || large_) return;
  taking_ = true;
  while (!closed_ && !ending_ && in_flight_ < kInFlight && out_.size() <= kOutBytes && take_frame()) {
  }
  taking_ = false;
  if (large_) return read_large();
  read_some();
}

bool TcpSession::take_frame() {
  std::string_view rest(static_cast<const char*>(in_.data().data()), in_.size());
  if (rest.size() < kFrameLengthBytes) return false;
  size_t length = read_frame_length(rest.data());
  if (length > loop_->limits().body_bytes) {
    refuse(0, 413,
           {"frame_too_large", "", "Keep a frame within the max_frame_bytes of the answer to Hello."});
    return false;
  }
  rest = rest.substr(kFrameLengthBytes, length);
  if (rest.size() < length && length <= kReadBytes) return false;  // comes with the next read
  auto frame = std::make_shared<std::string>();
  frame->reserve(std::min(length, std::max(kFrameStep, rest.size())) + kBodyPadding);
  frame->append(rest);
  in_.consume(kFrameLengthBytes + rest.size());
  partial_ = false;
  if (!large_room_.take(rest.size())) {
    refuse(0, 503, too_many_bodies());
    return false;
  }
  if (rest.size() == length) return handle(std::move(frame), large_room_.hand_over());
  large_ = std::move(frame);
  large_length_ = length;
  return false;
}

void TcpSession::set_send_deadline() {
  int64_t micros = static_cast<int64_t>(site_->live.request_seconds) * 1'000'000;
  send_deadline_ = site_->services.clock.steady_micros() + micros;
}

void TcpSession::set_read_deadline(uint32_t seconds) {
  read_deadline_ = site_->services.clock.steady_micros() + static_cast<int64_t>(seconds) * 1'000'000;
}

void TcpSession::read_large() {
  size_t have = large_->size();
  if (have == large_length_) {
    if (handle(std::exchange(large_, nullptr), large_room_.hand_over())) take_frames();
    return;
  }
  size_t step = std::min(large_length_ - have, std::max(kFrameStep, have));
  if (!large_room_.take(step)) return refuse(0, 503, too_many_bodies());
  large_->reserve(have + step + kBodyPadding);
  large_->resize(have + step);
  reading_ = true;
  set_read_deadline(site_->live.request_seconds);
  asio::async_read(socket_, asio::buffer(large_->data() + have, step),
                   [self = shared_from_this()](error_code error, size_t bytes) {
                     self->reading_ = false;
                     if (self->closed_) return;
                     if (error) return self->close();
                     self->site_->metrics.received(Protocol::tcp, bytes);
                     self->read_large();
                   });
}

bool TcpSession::handle(std::shared_ptr<std::string> bytes, Room::Share room) {
  const fb::Frame* frame = verify_frame(*bytes);
  if (!frame) {
    refuse(0, 400, {"invalid_frame", "", "These bytes are no Frame of schema/frame.fbs."});
    return false;
  }
  uint64_t correlation = frame->correlation();
  if (const auto* hello = frame->body_as_Hello()) return greet(correlation, *hello);
  if (!greeted_) {
    refuse(correlation, 400, {"hello_expected", "", "Send a Hello frame first."});
    return false;
  }
  if (const auto* request = frame->body_as_Append()) {
    append(correlation, *request, std::move(bytes), std::move(room));
    return true;
  }
  if (const auto* request = frame->body_as_Fetch()) {
    ++in_flight_;
    fetch(site_, shared_from_this(), correlation,
          {request->from(), request->limit(), request->wait_ms(), request->include_contact()});
    return true;
  }
  refuse(correlation, 400, {"invalid_frame", "", "A client sends Hello, Append and Fetch."});
  return false;
}

bool TcpSession::greet(uint64_t correlation, const fb::Hello& hello) {
  if (auto problem = check_hello(hello.version())) {
    refuse(correlation, 400, *problem);
    return false;
  }
  greeted_ = true;
  ++in_flight_;
  std::string frame;
  write_hello_result(correlation, static_cast<uint32_t>(loop_->limits().body_bytes), frame);
  answered(std::move(frame));
  return true;
}

void TcpSession::append(uint64_t correlation, const fb::Append& append, std::shared_ptr<std::string> frame,
                        Room::Share room) {
  ++in_flight_;
  if (append.no_forward() && sent_elsewhere(correlation)) return;
  if (site_->services.read_only) {
    std::string out;
    write_error(correlation, 403, read_only_problem(), 0, out);
    return answered(std::move(out));
  }
  int64_t started = site_->services.clock.steady_micros();
  ingest::Request write;
  if (auto refused = decode_append(append, frame, loop_->limits(), loop_->json(), write)) {
    std::string out;
    write_error(correlation, refused->status, refused->problem, 0, out);
    site_->metrics.request(Protocol::tcp, "append", refused->status, 0);
    return answered(std::move(out));
  }
  auto held = std::make_shared<Room::Share>(std::move(room));
  site_->services.ingest.submit(
      std::move(write), [self = shared_from_this(), correlation, started, held](ingest::Answer answer) {
        self->loop_->post([self, correlation, started, held, answer = std::move(answer)] {
          std::string out;
          write_append_result(correlation, answer, out);
          auto of_answer = self->hold(correlation, *held, out);
          int64_t taken = self->site_->services.clock.steady_micros() - started;
          self->site_->metrics.request(Protocol::tcp, "append", answer.refusal ? answer.refusal->status : 200,
                                       static_cast<double>(taken) / 1e6);
          self->answered(std::move(out), std::move(of_answer));
        });
      });
}

bool TcpSession::sent_elsewhere(uint64_t correlation) {
  auto elsewhere = refuse_elsewhere(site_->services.cluster);
  if (!elsewhere) return false;
  const ingest::Refusal& refusal = elsewhere->refusal;
  std::string out;
  write_error(correlation, refusal.status, refusal.problem, refusal.retry_after_seconds, out,
              elsewhere->leader.tcp);
  site_->metrics.request(Protocol::tcp, "append", refusal.status, 0);
  answered(std::move(out));
  return true;
}

std::shared_ptr<Room::Share> TcpSession::hold(uint64_t correlation, Room::Share& held, std::string& frame) {
  bool small = out_.size() + sending_.size() + frame.size() <= kSmallAnswer;
  if (!small && held.resize(frame.size())) return std::make_shared<Room::Share>(held.hand_over());
  held.give_back();
  if (small) return nullptr;
  frame.clear();
  write_error(correlation, 503,
              {"outcome_unknown", "", "There is no room for so long an answer now: send the same again."}, 1,
              frame);
  return nullptr;
}

void TcpSession::refuse(uint64_t correlation, int status, const event::Problem& problem) {
  site_->metrics.request(Protocol::tcp, "refused", status, 0);
  write_error(correlation, status, problem, 0, out_);
  ending_ = true;
  send();
}

void TcpSession::answered(std::string frame, std::shared_ptr<Room::Share> room) {
  --in_flight_;
  if (closed_) return;
  if (out_.empty()) {
    out_ = std::move(frame);
  } else {
    out_ += frame;
  }
  if (room) out_rooms_.push_back(std::move(room));
  send();
  take_frames();
}

void TcpSession::read_in_turn(std::function<void()> read) {
  if (closed_) return;
  reads_.push_back(std::move(read));
  start_read();
}

void TcpSession::read_answered(std::string frame, std::shared_ptr<Room::Share> room) {
  read_runs_ = false;
  answered(std::move(frame), std::move(room));
  start_read();
}

void TcpSession::start_read() {
  if (closed_ || read_runs_ || reads_.empty() || out_.size() > kOutBytes) return;
  read_runs_ = true;
  auto read = std::move(reads_.front());
  reads_.pop_front();
  read();
}

// Answers that come up while a write is under way go out together with the next one.
void TcpSession::send() {
  if (closed_ || sends_) return;
  if (out_.empty()) {
    if (ending_ && in_flight_ == 0) close();
    return;
  }
  sends_ = true;
  set_send_deadline();
  sending_ = std::exchange(out_, {});
  sending_rooms_ = std::exchange(out_rooms_, {});
  asio::async_write(socket_, asio::buffer(sending_),
                    [self = shared_from_this()](error_code error, size_t bytes) {
                      self->sends_ = false;
                      self->send_deadline_ = INT64_MAX;
                      if (self->closed_) return;
                      self->site_->metrics.sent(Protocol::tcp, bytes);
                      if (error) return self->close();
                      self->sending_ = {};
                      self->sending_rooms_.clear();
                      self->send();
                      self->start_read();
                      self->take_frames();
                    });
}

}  // namespace lode::wire
