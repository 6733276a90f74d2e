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
constexpr std::chrono::milliseconds kLastWords{300};  // for a small answer

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
  Impl(const Settings& settings, Services services)
      : site(std::make_shared<Site>(settings, std::move(services))),
        seats(make_seats(settings)),
        http(Listener::Protocol::http, settings.http_listen, site, seats),
        tcp(Listener::Protocol::tcp, settings.tcp_listen, site, seats),
        http_address(http.address()),
        tcp_address(tcp.address()) {}

  // Runs `task` on each loop and waits for all of them.
  void on_every_loop(const std::function<void(Seat&)>& task);
  void wait_closed(std::chrono::milliseconds most) const;  // until no connection is left

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

Server::Server(const Settings& settings, Services services)
    : impl_(std::make_unique<Impl>(settings, std::move(services))) {}

Server::~Server() { stop(std::chrono::milliseconds{0}); }

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

void Server::change(const Settings& settings) {
  impl_->site->live.set(settings);
  impl_->site->bodies->set_bytes(kBodiesAtOnce * settings.limits.body_bytes);
  impl_->site->answers->set_bytes(settings.answer_bytes);
  for (Seat& seat : impl_->seats)
    seat.loop->post([&loop = *seat.loop, limits = settings.limits] { loop.set_limits(limits); });
}

bool Server::is_alive(std::chrono::milliseconds time) {
  struct Roll {
    std::mutex mutex;
    std::condition_variable done;
    size_t left = 0;
  };
  auto roll = std::make_shared<Roll>();
  roll->left = impl_->seats.size();
  for (Seat& seat : impl_->seats) {
    seat.loop->post([roll] {
      std::lock_guard lock(roll->mutex);
      if (--roll->left == 0) roll->done.notify_one();
    });
  }
  std::unique_lock lock(roll->mutex);
  return roll->done.wait_for(lock, time, [&] { return roll->left == 0; });
}

void Server::Impl::wait_closed(std::chrono::milliseconds most) const {
  const auto deadline = std::chrono::steady_clock::now() + most;
  while (site->connections > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(kStopPoll);
}

void Server::stop(std::chrono::milliseconds grace) {
  if (impl_->threads.empty()) return;
  impl_->site->stopping = true;
  impl_->on_every_loop([this](Seat& seat) {
    if (&seat == &impl_->seats.front()) {
      impl_->http.close();
      impl_->tcp.close();
    }
    seat.loop->end_waits();
    for_each_session(seat, &Session::finish);
  });
  impl_->wait_closed(grace);
  impl_->on_every_loop([](Seat& seat) { for_each_session(seat, &Session::cut); });
  impl_->wait_closed(std::min(grace, kLastWords));
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
