#include "peer/link.h"

#include <fmt/format.h>

#include <utility>

#include "env/address.h"
#include "env/log.h"
#include "peer/call_codec.h"
#include "peer/raft_codec.h"

namespace lode::peer {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr size_t kMaxCalls = 4096;  // of one peer, waiting for their answers

}  // namespace

Link::Link(std::shared_ptr<Site> site, Peer peer)
    : site_(std::move(site)),
      peer_(std::move(peer)),
      outbox_(std::make_shared<Outbox>(site_->settings.queue_bytes, site_->settings.queue_frames)),
      traffic_(site_->traffic_of(peer_.id)),
      timer_(site_->context),
      socket_(site_->context),
      backoff_(site_->settings.timing.first_backoff, site_->settings.timing.last_backoff,
               site_->incarnation ^ peer_.id.value) {
  status_.node = peer_.id;
  status_.address = peer_.address;
  status_.since_micros = site_->clock.now_micros();
}

std::string Link::name() const { return "node " + std::to_string(peer_.id.value) + " at " + peer_.address; }

void Link::start() { connect(); }

void Link::hurry() {
  if (state_ == State::waiting) connect();
}

void Link::stop(const std::string& why) {
  state_ = State::stopped;
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
  if (connection_) connection_->close(why);
  finish_calls(calls_.take_all(), {Outcome::disconnected, "disconnected", why, {}});
}

void Link::connect() {
  state_ = State::opening;
  due_ = steady_clock::now() + site_->settings.timing.greeting;
  asio::ip::tcp::endpoint endpoint;
  try {
    const env::Address address = env::address_of(peer_.address);
    endpoint = {asio::ip::make_address(address.host), address.port};
  } catch (const std::runtime_error& error) {
    return down(error.what());
  }
  if (const auto why = site_->tls ? std::nullopt : needs_tls(peer_.address)) return down(*why);
  socket_ = asio::ip::tcp::socket(site_->context);
  socket_.async_connect(endpoint, [self = shared_from_this()](error_code error) { self->connected(error); });
  schedule();
}

void Link::connected(error_code error) {
  if (state_ != State::opening) return;
  if (error) {
    const bool late = error == asio::error::operation_aborted;
    return down(late ? "it did not take the connection in time" : error.message());
  }
  connection_ = std::make_shared<Connection>(make_stream(std::move(socket_), site_->tls_context()), outbox_);
  connection_->start(Stream::End::caller, shared_from_this());
}

void Link::secured() {
  if (!connection_->shows(peer_.id)) {
    return connection_->close("its certificate is not that of node " + std::to_string(peer_.id.value) + ": " +
                              identity_name(peer_.id) + " is not among its names");
  }
  const Self self = site_->self();
  Hello hello;
  hello.cluster = self.cluster;
  hello.node = self.node;
  hello.wanted = peer_.id;
  hello.incarnation = site_->incarnation;
  hello.features = site_->settings.features;
  hello.software = site_->settings.software;
  hello.address = site_->address;
  connection_->send_now(encode(hello));
}

void Link::received(Frame frame) {
  if (state_ == State::opening && frame.type == FrameType::refusal) {
    const Refusal refusal = decode_refusal(frame);
    return connection_->close("it refused us (" + std::string(name_of(refusal.code)) +
                              "): " + refusal.sentence);
  }
  if (state_ == State::opening) return welcomed(decode_welcome(frame));
  if (frame.type == FrameType::response) return answered(frame);
  if (frame.type == FrameType::pong) return ponged(frame);
  throw BadFrame("a frame came that only a caller sends");
}

void Link::welcomed(const Welcome& welcome) {
  state_ = State::up;
  backoff_.reset();
  told_.clear();
  connection_->greeted(traffic_);
  due_ = steady_clock::now();  // a ping at once
  {
    std::lock_guard lock(status_mutex_);
    status_.connected = true;
    status_.since_micros = site_->clock.now_micros();
    status_.version = welcome.version;
    status_.features = welcome.features & site_->settings.features;
    status_.software = welcome.software;
    ++status_.connects;
  }
  outbox_->open();
  env::log_info("peer.connected",
                fmt::format("{}: connected, protocol version {}, it runs {}", name(), welcome.version,
                            welcome.software),
                {{"peer", name()}, {"protocol", welcome.version}, {"software", welcome.software}});
  on_timer();
}

void Link::answered(const Frame& frame) {
  ResponseIn response = decode_response(frame);
  const auto done = calls_.take(response.correlation);
  if (!done) return;  // it came too late
  if (response.answer.outcome == Outcome::unhandled) ++traffic_->failed_calls;
  (*done)(std::move(response.answer));
}

void Link::ponged(const Frame& frame) {
  FieldReader in(frame.body);
  const auto sent = static_cast<int64_t>(in.number<uint64_t>());
  in.end();
  std::lock_guard lock(status_mutex_);
  status_.round_trip_micros = site_->clock.steady_micros() - sent;
}

void Link::closed(const std::string& why) { down(why); }

void Link::down(const std::string& why) {
  connection_ = nullptr;
  const bool was_up = state_ == State::up;
  {
    std::lock_guard lock(status_mutex_);
    if (status_.connected) status_.since_micros = site_->clock.now_micros();
    status_.connected = false;
    status_.last_error = why;
    status_.round_trip_micros.reset();
  }
  finish_calls(calls_.take_all(), {Outcome::disconnected, "disconnected", name() + ": " + why, {}});
  if (state_ == State::stopped) return;
  if (was_up) {
    env::log_warning("peer.lost", fmt::format("{}: connection lost: {}", name(), why),
                     {{"peer", name()}, {"error", why}});
  } else if (why != told_) {
    env::log_warning("peer.not_connected", fmt::format("{}: not connected: {}; trying on", name(), why),
                     {{"peer", name()}, {"error", why}});
    told_ = why;
  }
  state_ = State::waiting;
  due_ = steady_clock::now() + backoff_.next();
  schedule();
}

void Link::on_timer() {
  const Time now = steady_clock::now();
  if (state_ == State::waiting && now >= due_) return connect();
  if (state_ == State::opening && now >= due_) {
    if (!connection_) {
      error_code ignored;
      socket_.close(ignored);  // connected() gets to know
      return;
    }
    return connection_->close("it did not answer our hello in time");
  }
  if (state_ == State::up) tick_up(now);
  if (state_ != State::stopped) schedule();
}

void Link::tick_up(Time now) {
  finish_calls(calls_.take_due(now),
               {Outcome::timed_out, "timed_out", name() + " did not answer in time", {}});
  if (now < due_) return;
  const Timing& timing = site_->settings.timing;
  if (now - connection_->last_sign() > timing.silence) {
    return connection_->close("nothing was heard for " + std::to_string(timing.silence.count()) + " ms");
  }
  OutFrame ping(FrameType::ping);
  FieldWriter(ping.head).number(static_cast<uint64_t>(site_->clock.steady_micros()));
  connection_->send_now(std::move(ping));
  due_ = now + timing.ping;
}

void Link::schedule() {
  Time next = due_;
  if (const auto deadline = calls_.next_deadline()) next = std::min(next, *deadline);
  timer_.expires_at(next);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error && self->state_ != State::stopped) self->on_timer();
  });
}

bool Link::send(const raft::Message& message) {
  OutFrame frame = encode(message);
  const bool fits = frame.bytes() <= kHeaderBytes + kMaxBodyBytes;
  if (!fits)
    env::log_error(
        "peer.message_too_large",
        fmt::format("{}: a message of {} bytes is larger than a frame may be", name(), frame.bytes()),
        {{"peer", name()}, {"bytes", frame.bytes()}});
  const auto pushed =
      fits ? outbox_->push(Outbox::Lane::raft, std::move(frame)) : Outbox::Pushed{Outbox::Push::full};
  if (pushed.result != Outbox::Push::queued) {
    ++traffic_->dropped_messages;
    return false;
  }
  ++traffic_->sent_messages;
  if (pushed.wake) {
    site_->post([self = shared_from_this()] {
      if (self->connection_) self->connection_->pump();
    });
  }
  return true;
}

void Link::call(uint8_t kind, Bytes body, std::chrono::milliseconds timeout, const Done& done) {
  ++traffic_->calls;
  if (body.view.size() > kMaxBodyBytes / 2)
    return refuse_call(done, "too_large", "the request's body is too large");
  const auto added = calls_.add(steady_clock::now() + timeout, done, kMaxCalls);
  if (!added)
    return refuse_call(done, "overloaded", "too many calls to " + name() + " wait for their answers");
  const auto limit = std::min<int64_t>(timeout.count(), UINT32_MAX);
  const auto pushed = outbox_->push(
      Outbox::Lane::calls,
      encode_request({added->correlation, static_cast<uint32_t>(limit), kind}, std::move(body)));
  if (pushed.result != Outbox::Push::queued) {
    const auto mine = calls_.take(added->correlation);
    if (!mine) return;  // down() was faster
    if (pushed.result == Outbox::Push::full)
      return refuse_call(*mine, "overloaded", "too much waits to be sent to " + name());
    return refuse_call(*mine, "not_connected", name() + " is not connected");
  }
  if (!pushed.wake && !added->earliest) return;
  site_->post([self = shared_from_this()] {
    if (self->state_ != State::up) return;
    self->connection_->pump();
    self->schedule();
  });
}

void Link::refuse_call(const Done& done, std::string code, std::string detail) {
  ++traffic_->failed_calls;
  Answer answer{Outcome::not_sent, std::move(code), std::move(detail), {}};
  if (!site_->post([done, answer] { done(answer); })) done(answer);
}

void Link::finish_calls(std::vector<Done> calls, const Answer& answer) {
  traffic_->failed_calls += calls.size();
  for (const Done& done : calls) done(answer);
}

LinkStatus Link::status() const {
  LinkStatus out;
  {
    std::lock_guard lock(status_mutex_);
    out = status_;
  }
  out.heard = traffic_->heard;
  out.sent_bytes = traffic_->sent_bytes;
  out.received_bytes = traffic_->received_bytes;
  out.sent_messages = traffic_->sent_messages;
  out.received_messages = traffic_->received_messages;
  out.dropped_messages = traffic_->dropped_messages;
  out.calls = traffic_->calls;
  out.failed_calls = traffic_->failed_calls;
  out.queued_bytes = outbox_->bytes();
  return out;
}

}  // namespace lode::peer
