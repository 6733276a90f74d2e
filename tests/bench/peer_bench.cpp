// What the transport between nodes costs, over loopback with both ends in this process: AppendEntries of
// 250 KB with a bounded number on their way, and the time of small messages there and back, plain and under
// TLS (files from the OpenSSL command line: peer_bench [certificate key ca], its names lode-node-1 and
// lode-node-2). Method and figures: tests/bench/README.md.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "env/clock.h"
#include "peer/network.h"

namespace {

using namespace lode;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A number that goes up, and a thread that waits for it.
class Counter {
 public:
  void add() {
    std::lock_guard lock(mutex_);
    ++value_;
    changed_.notify_one();
  }
  void wait_for(uint64_t least) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return value_ >= least; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t value_ = 0;
};

struct Node {
  Node(uint64_t id, std::optional<peer::TlsFiles> tls) {
    peer::Settings settings;
    settings.node = {id};
    settings.cluster.bytes.fill(1);
    settings.listen = "127.0.0.1:0";
    settings.tls = std::move(tls);
    network = std::make_unique<peer::Network>(
        settings,
        peer::Callbacks{[this](raft::NodeId from, raft::Message message) { received(from, message); }, {}},
        clock);
    network->handle(1, [](peer::Request request, peer::Responder responder) { responder.ok(request.body); });
    network->start();
  }

  env::SystemClock clock;
  std::function<void(raft::NodeId, const raft::Message&)> received = [](raft::NodeId, const raft::Message&) {
  };
  std::unique_ptr<peer::Network> network;
};

double cpu_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

raft::AppendEntries entries_of(size_t count, size_t bytes) {
  raft::AppendEntries message;
  for (size_t i = 0; i < count; ++i) {
    const auto payload = std::make_shared<const std::string>(bytes, static_cast<char>('a' + i % 26));
    message.entries.push_back({{1}, log::EntryType::batch, *payload, payload});
  }
  return message;
}

void bench_throughput(const char* what, peer::Network& network, Counter& acknowledged, uint64_t& sent,
                      const raft::Message& message, size_t bytes, uint64_t count, uint64_t in_flight) {
  const auto start = Clock::now();
  const double cpu = cpu_seconds();
  const uint64_t first = sent;
  for (uint64_t i = 0; i < count; ++i) {
    if (sent - first >= in_flight) acknowledged.wait_for(sent - in_flight + 1);
    if (!network.send({2}, message)) std::abort();
    ++sent;
  }
  acknowledged.wait_for(sent);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double megabytes = static_cast<double>(count * bytes) / 1e6;
  std::printf("%-52s %8.0f MB/s %10.0f messages/s %7.2f ms CPU per MB, both ends\n", what,
              megabytes / seconds, static_cast<double>(count) / seconds,
              (cpu_seconds() - cpu) * 1e3 / megabytes);
}

void print_latency(const char* what, std::vector<double> micros) {
  std::sort(micros.begin(), micros.end());
  const auto at = [&](double part) {
    return micros[static_cast<size_t>(part * static_cast<double>(micros.size() - 1))];
  };
  std::printf("%-52s p50 %6.1f us   p99 %6.1f us   max %8.1f us   n %zu\n", what, at(0.5), at(0.99), at(1),
              micros.size());
}

void bench(const std::string& kind, const std::optional<peer::TlsFiles>& tls) {
  Node one(1, tls), two(2, tls);
  Counter acknowledged;
  // Node 2 acknowledges each AppendEntries, as a follower does.
  two.received = [&](raft::NodeId from, const raft::Message&) {
    two.network->send(from, raft::AppendEntriesResult{});
  };
  one.received = [&](raft::NodeId, const raft::Message&) { acknowledged.add(); };
  one.network->set_peers({{{2}, two.network->address()}});
  two.network->set_peers({{{1}, one.network->address()}});
  const auto up = [](const peer::Network& network) {
    const auto links = network.links();
    return !links.empty() && links[0].connected;
  };
  while (!up(*one.network) || !up(*two.network)) std::this_thread::sleep_for(1ms);

  uint64_t sent = 0;
  const auto run = [&](const std::string& what, size_t entries, size_t bytes, uint64_t count,
                       uint64_t in_flight) {
    bench_throughput((kind + ", " + what).c_str(), *one.network, acknowledged, sent,
                     entries_of(entries, bytes), entries * bytes, count, in_flight);
  };
  run("1 x 250 KB, 8 on their way", 1, 250'000, 500, 8);  // warm
  run("1 x 250 KB, 8 on their way", 1, 250'000, 8000, 8);
  run("1 x 250 KB, 1 on its way", 1, 250'000, 4000, 1);
  run("100 x 2.5 KB, 8 on their way", 100, 2'500, 8000, 8);
  run("1 x 300 B, 64 on their way", 1, 300, 200'000, 64);

  std::vector<double> message_micros, call_micros;
  for (int i = 0; i < 20'000; ++i) {
    const auto start = Clock::now();
    one.network->send({2}, raft::AppendEntries{});
    acknowledged.wait_for(++sent);
    message_micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  print_latency((kind + ", empty AppendEntries and its answer").c_str(), std::move(message_micros));
  Counter answers;
  for (uint64_t i = 1; i <= 20'000; ++i) {
    const auto start = Clock::now();
    one.network->call({2}, 1, peer::Bytes(std::string(100, 'x')), 10s, [&](peer::Answer) { answers.add(); });
    answers.wait_for(i);
    call_micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  print_latency((kind + ", request of 100 bytes and its answer").c_str(), std::move(call_micros));
  one.network->stop();
  two.network->stop();
}

}  // namespace

int main(int argc, char** argv) {
  bench("plain", std::nullopt);
  if (argc == 4) bench("TLS", peer::TlsFiles{argv[1], argv[2], argv[3]});
}
