#include "unit/peer/nodes.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <future>
#include <thread>

#include "unit/peer/examples.h"

namespace lode::peer {
namespace {

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int new_socket() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(fd >= 0, "socket");
  return fd;
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

ClusterId test_cluster(uint8_t number) {
  ClusterId id;
  id.bytes.fill(number);
  return id;
}

Settings test_settings(uint64_t node) {
  Settings settings;
  settings.node = {node};
  settings.cluster = test_cluster();
  settings.listen = "127.0.0.1:0";
  settings.software = "1.2.3";
  settings.timing.ping = 50ms;
  settings.timing.first_backoff = 10ms;
  settings.timing.last_backoff = 50ms;
  return settings;
}

raft::AppendEntries append_of(const std::vector<std::string>& payloads) {
  raft::AppendEntries message{{3}, {10}, {2}, {9}, {}};
  for (const std::string& payload : payloads) {
    auto owner = std::make_shared<const std::string>(payload);
    message.entries.push_back({{3}, log::EntryType::batch, *owner, owner});
  }
  return message;
}

TestNode::TestNode(Settings settings, const std::map<uint8_t, Handler>& handlers,
                   std::function<std::optional<std::string>(const Caller&)> refuse_unknown)
    : id(settings.node) {
  Callbacks callbacks;
  callbacks.on_message = [this](raft::NodeId from, raft::Message message) {
    std::lock_guard lock(mutex_);
    received_.push_back({from, std::move(message)});
    came_.notify_all();
  };
  callbacks.refuse_unknown = std::move(refuse_unknown);
  network = std::make_unique<Network>(std::move(settings), std::move(callbacks), clock);
  for (const auto& [kind, handler] : handlers) network->handle(kind, handler);
  network->start();
}

LinkStatus TestNode::link(uint64_t to) const {
  for (const LinkStatus& link : network->links()) {
    if (link.node.value == to) return link;
  }
  return {};
}

bool TestNode::connects_to(uint64_t to) const {
  return eventually([&] { return link(to).connected; });
}

bool TestNode::send(uint64_t to, const raft::Message& message) {
  return eventually([&] { return network->send({to}, message); });
}

std::vector<Received> TestNode::messages(size_t count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(came_.wait_for(lock, kPatience, [&] { return received_.size() >= count; }))
      << received_.size() << " of " << count << " messages came";
  return received_;
}

size_t TestNode::message_count() {
  std::lock_guard lock(mutex_);
  return received_.size();
}

Answer TestNode::call(uint64_t to, uint8_t kind, std::string body, std::chrono::milliseconds timeout) {
  const auto answered = std::make_shared<std::promise<Answer>>();
  network->call({to}, kind, Bytes(std::move(body)), timeout,
                [answered](Answer answer) { answered->set_value(std::move(answer)); });
  return answered->get_future().get();
}

void join(TestNode& one, TestNode& other) {
  one.knows({other.as_peer()});
  other.knows({one.as_peer()});
  EXPECT_TRUE(one.connects_to(other.id.value)) << one.link(other.id.value).last_error;
  EXPECT_TRUE(other.connects_to(one.id.value)) << other.link(one.id.value).last_error;
}

BareSocket BareSocket::connect_to(const std::string& address) {
  const int fd = new_socket();
  const auto port = static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  const sockaddr_in to = loopback(port);
  require(connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0, "connect");
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return BareSocket(fd);
}

BareSocket::~BareSocket() {
  if (fd_ >= 0) close(fd_);
}

void BareSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    require(sent > 0, "send");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void BareSocket::send(OutFrame frame) { send(sealed(std::move(frame))); }

std::optional<Frame> BareSocket::receive() {
  while (true) {
    if (auto frame = reader_.next()) return frame;
    pollfd ready{fd_, POLLIN, 0};
    require(poll(&ready, 1, std::chrono::milliseconds(kPatience).count()) == 1, "nothing came");
    const auto room = reader_.room();
    const ssize_t got = recv(fd_, room.data(), room.size(), 0);
    if (got <= 0) return std::nullopt;
    reader_.filled(static_cast<size_t>(got));
  }
}

bool BareSocket::is_closed_by_other() {
  while (receive()) {
  }
  return true;
}

BareListener::BareListener() : fd_(new_socket()) {
  const sockaddr_in any = loopback(0);
  require(bind(fd_, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0, "bind");
  require(listen(fd_, 16) == 0, "listen");
}

BareListener::~BareListener() { close(fd_); }

std::string BareListener::address() const {
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &size);
  return "127.0.0.1:" + std::to_string(ntohs(bound.sin_port));
}

BareSocket BareListener::accept() {
  pollfd ready{fd_, POLLIN, 0};
  require(poll(&ready, 1, std::chrono::milliseconds(kPatience).count()) == 1, "nobody called");
  const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  require(fd >= 0, "accept");
  return BareSocket(fd);
}

BareSocket BareListener::welcome_next() {
  BareSocket socket = accept();
  const auto frame = socket.receive();
  require(frame.has_value(), "no hello");
  decode_hello(*frame);
  socket.send(encode(Welcome{1, 0, "bare"}));
  return socket;
}

Hello hello_to(uint64_t wanted, uint64_t from) {
  Hello hello;
  hello.cluster = test_cluster();
  hello.node = {from};
  hello.wanted = {wanted};
  hello.incarnation = 77;
  hello.software = "bare";
  return hello;
}

}  // namespace lode::peer
