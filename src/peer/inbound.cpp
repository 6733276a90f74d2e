#include "peer/inbound.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "env/address.h"
#include "env/log.h"
#include "peer/call_codec.h"
#include "peer/raft_codec.h"
#include "peer/responder.h"

namespace lode::peer {

using boost::system::error_code;

namespace {

constexpr uint32_t kMaxUnanswered = 16'384;  // requests of one connection
constexpr size_t kMaxStrangers = 64;         // connections that have not said who they are
constexpr size_t kMaxTold = 256;
constexpr std::chrono::minutes kTellAgain{1};

std::string remote_of(const Stream::Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? "a closed connection" : env::address_text(endpoint.address().to_string(), endpoint.port());
}

}  // namespace

void InboundSet::take(Stream::Socket socket) {
  const auto strangers =
      std::count_if(all_.begin(), all_.end(), [](const auto& one) { return !one->guest(); });
  if (static_cast<size_t>(strangers) >= kMaxStrangers) {
    return tell_trouble(remote_of(socket), "closed: too many connections have not said who they are");
  }
  const auto inbound = std::make_shared<Inbound>(site_, *this, std::move(socket));
  all_.insert(inbound);
  inbound->start();
}

void InboundSet::set_known(std::set<raft::NodeId> known) {
  known_ = std::move(known);
  const auto all = all_;
  for (const auto& inbound : all) {
    const auto guest = inbound->guest();
    if (!guest || known_.contains(guest->node)) continue;
    if (const auto why = refuse_unknown(*guest)) inbound->close("it is no longer known: " + *why);
  }
}

void InboundSet::tell_trouble(const std::string& who, const std::string& what) {
  const auto now = std::chrono::steady_clock::now();
  if (told_.size() >= kMaxTold) told_.clear();
  const auto [place, fresh] = told_.try_emplace(who.substr(0, who.rfind(':')) + what, now);
  if (!fresh && now - place->second < kTellAgain) return;
  place->second = now;
  env::log_warning("peer.trouble", fmt::format("{}: {}", who, what), {{"peer", who}, {"error", what}});
}

void InboundSet::close_all(const std::string& why) {
  closing_ = true;
  const auto all = all_;
  for (const auto& inbound : all) inbound->close(why);
}

std::optional<std::string> InboundSet::refuse_unknown(const Hello& hello) const {
  if (!site_->callbacks.refuse_unknown)
    return "node " + std::to_string(hello.node.value) + " is not a member of this cluster";
  return site_->callbacks.refuse_unknown({hello.node, hello.cluster, hello.address, hello.software});
}

std::optional<Refusal> InboundSet::admit(const Inbound& inbound, const Hello& hello) {
  if (!known_.contains(hello.node)) {
    if (const auto why = refuse_unknown(hello)) return Refusal{RefusalCode::unknown_node, *why};
  }
  const auto other = std::find_if(all_.begin(), all_.end(), [&](const auto& one) {
    return one.get() != &inbound && one->guest() && one->guest()->node == hello.node;
  });
  if (other == all_.end()) return std::nullopt;
  if ((*other)->guest()->incarnation == hello.incarnation) {
    std::shared_ptr<Inbound> old;  // close() takes it out of all_
    old = *other;
    old->close("it connected anew");
    return std::nullopt;
  }
  return Refusal{RefusalCode::connected_twice, "another process that says it is node " +
                                                   std::to_string(hello.node.value) +
                                                   " is connected; an id is for one node alone"};
}

Inbound::Inbound(std::shared_ptr<Site> site, InboundSet& set, Stream::Socket socket)
    : site_(std::move(site)),
      set_(set),
      remote_(remote_of(socket)),
      outbox_(std::make_shared<Outbox>(site_->settings.queue_bytes, site_->settings.queue_frames)),
      connection_(
          std::make_shared<Connection>(make_stream(std::move(socket), site_->tls_context()), outbox_)),
      timer_(site_->context) {}

std::string Inbound::name() const {
  return guest_ ? "node " + std::to_string(guest_->node.value) + " from " + remote_ : remote_;
}

void Inbound::start() {
  timer_.expires_after(site_->settings.timing.greeting);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (error) return;
    if (self->guest_) return self->watch();
    self->close("it did not say who it is in time");
  });
  connection_->start(Stream::End::called, shared_from_this());
}

void Inbound::secured() {}

void Inbound::received(Frame frame) {
  if (refused_) return;  // it has to go
  if (!guest_) return greet(decode_hello(frame));
  if (is_raft(frame.type)) {
    ++traffic_->received_messages;
    return site_->callbacks.on_message(guest_->node, decode_message(frame));
  }
  if (frame.type == FrameType::request) return request(frame);
  if (frame.type != FrameType::ping || frame.body.size() != sizeof(uint64_t))
    throw BadFrame("a frame came that a caller does not send");
  OutFrame pong(FrameType::pong);
  pong.head += frame.body;
  connection_->send_now(std::move(pong));
}

void Inbound::greet(const Hello& hello) {
  auto refusal = judge(hello, site_->self());
  if (!refusal && !connection_->shows(hello.node)) {
    refusal = {RefusalCode::wrong_certificate,
               "the caller says that it is node " + std::to_string(hello.node.value) +
                   ", but its certificate has no name " + identity_name(hello.node)};
  }
  if (!refusal) refusal = set_.admit(*this, hello);
  if (!refusal) return welcome(hello);
  set_.tell_trouble(remote_, "node " + std::to_string(hello.node.value) + " was refused (" +
                                 std::string(name_of(refusal->code)) + "): " + refusal->sentence);
  refused_ = true;
  connection_->send_last(encode(*refusal));
}

void Inbound::welcome(const Hello& hello) {
  guest_ = hello;
  traffic_ = site_->traffic_of(hello.node);
  traffic_->heard = true;
  connection_->greeted(traffic_);
  Welcome welcome;
  welcome.version = std::min(hello.newest_version, kNewestVersion);
  welcome.features = hello.features & site_->settings.features;
  welcome.software = site_->settings.software;
  connection_->send_now(encode(welcome));
  outbox_->open();
  env::log_info("peer.accepted",
                fmt::format("{}: connected to us, protocol version {}, it runs {}", name(), welcome.version,
                            hello.software),
                {{"peer", name()}, {"protocol", welcome.version}, {"software", hello.software}});
  watch();
  set_.arrived_(hello.node);
}

void Inbound::request(const Frame& frame) {
  RequestIn in = decode_request(frame);
  if (*unanswered_ >= kMaxUnanswered) throw BadFrame("more requests came than may wait for their answers");
  const Handler& handler = site_->handlers[in.head.kind];
  if (handler) {
    return handler({guest_->node, in.head.kind, in.head.timeout_ms, std::move(in.body)},
                   Responder(std::make_shared<Responder::State>(site_, weak_from_this(), outbox_,
                                                                in.head.correlation, unanswered_)));
  }
  const Answer unhandled{Outcome::unhandled,
                         "unhandled",
                         "requests of kind " + std::to_string(in.head.kind) + " are not handled here",
                         {}};
  const auto pushed = outbox_->push(Outbox::Lane::calls, encode_response(in.head.correlation, unhandled));
  if (pushed.result == Outbox::Push::full) throw BadFrame("it does not take in the answers that wait");
  if (pushed.wake) connection_->pump();
}

void Inbound::watch() {
  if (closed_) return;
  const Timing& timing = site_->settings.timing;
  if (std::chrono::steady_clock::now() - connection_->last_sign() > timing.silence)
    return close("nothing was heard for " + std::to_string(timing.silence.count()) + " ms");
  timer_.expires_after(timing.ping);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->watch();
  });
}

void Inbound::closed(const std::string& why) {
  closed_ = true;
  timer_.cancel();
  if (guest_) traffic_->heard = false;
  if (guest_ && !set_.closing_)
    env::log_warning("peer.left", fmt::format("{}: its connection to us ended: {}", name(), why),
                     {{"peer", name()}, {"error", why}});
  else if (!guest_ && !refused_)
    set_.tell_trouble(remote_, "a connection to the peer port ended: " + why);
  const auto self = shared_from_this();
  set_.all_.erase(self);
}

}  // namespace lode::peer
