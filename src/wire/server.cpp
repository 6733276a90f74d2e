#include "wire/server.h"

#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "wire/listener.h"

namespace lode::wire {

namespace {

constexpr std::chrono::seconds kSweep{1};
constexpr std::chrono::milliseconds kStopPoll{10};

// Looks at every session's deadline about once a second; ends with the loop.
void sweep(const std::shared_ptr<Site>& site, Seat& seat) {
  int64_t now = site->services.clock.steady_micros();
  std::vector<Session*> sessions(seat.sessions.begin(), seat.sessions.end());
  for (Session* session : sessions) session->check_deadline(now);
  seat.loop->call_after(kSweep, [site, &seat] { sweep(site, seat); });
}

void for_each_session(Seat& seat, void (Session::*call)()) {
  std::vector<Session*> sessions(seat.sessions.begin(), seat.sessions.end());
  for (Session* session : sessions) (session->*call)();
}

std::vector<Seat> make_seats(const Settings& settings) {
  std::vector<Seat> seats(std::max(1u, settings.threads));
  for (Seat& seat : seats) seat.loop = std::make_shared<Loop>(settings.limits);
  return seats;
}

}  // namespace

struct Server::Impl {
  Impl(Settings settings, Services services)
      : site(std::make_shared<Site>(std::move(settings), std::move(services))),
        seats(make_seats(site->settings)),
        http(Listener::Protocol::http, site->settings.http_listen, site, seats),
        tcp(Listener::Protocol::tcp, site->settings.tcp_listen, site, seats),
        http_address(http.address()),
        tcp_address(tcp.address()) {}

  // Runs `task` on each loop and waits for all of them.
  void on_every_loop(const std::function<void(Seat&)>& task);

  std::shared_ptr<Site> site;
  std::vector<Seat> seats;
  Listener http, tcp;
  const std::string http_address, tcp_address;
  std::vector<std::thread> threads;
};

void Server::Impl::on_every_loop(const std::function<void(Seat&)>& task) {
  std::mutex mutex;
  std::condition_variable done;
  size_t left = seats.size();
  for (Seat& seat : seats) {
    seat.loop->post([&, at = &seat] {
      task(*at);
      std::lock_guard lock(mutex);
      if (--left == 0) done.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return left == 0; });
}

void check_addresses(const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses) check_address(address);
}

Server::Server(Settings settings, Services services)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(services))) {}

Server::~Server() { stop(0); }

void Server::start() {
  for (Seat& seat : impl_->seats) {
    impl_->threads.emplace_back([this, at = &seat] {
      pthread_setname_np(pthread_self(), "lode-io");
      sweep(impl_->site, *at);
      at->loop->run();
    });
  }
  impl_->seats.front().loop->post([this] {
    impl_->http.start();
    impl_->tcp.start();
  });
}

void Server::stop(uint32_t grace_seconds) {
  if (impl_->threads.empty()) return;
  impl_->site->stopping = true;
  impl_->on_every_loop([this](Seat& seat) {
    if (&seat == &impl_->seats.front()) {
      impl_->http.close();
      impl_->tcp.close();
    }
    for_each_session(seat, &Session::finish);
  });
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(grace_seconds);
  while (impl_->site->connections > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kStopPoll);
  }
  impl_->on_every_loop([](Seat& seat) { for_each_session(seat, &Session::close); });
  impl_->site->pool.stop();
  impl_->site->long_pool.stop();
  for (Seat& seat : impl_->seats) seat.loop->finish();
  for (auto& thread : impl_->threads) thread.join();
  impl_->threads.clear();
}

std::string Server::http_address() const { return impl_->http_address; }
std::string Server::tcp_address() const { return impl_->tcp_address; }

}  // namespace lode::wire
