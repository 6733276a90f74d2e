#include <exception>
#include <mutex>
#include <thread>

#include "bench/http_connection.h"
#include "bench/runs.h"
#include "bench/server_process.h"
#include "bench/tcp_connection.h"
#include "bench/workload.h"

namespace lode::bench {
namespace {

std::unique_ptr<Connection> make_connection(const Settings& settings, size_t number,
                                            std::shared_ptr<Workload> workload) {
  if (settings.protocol == "tcp") {
    return std::make_unique<TcpConnection>(
        Servers(settings.tcp, number), settings.ack == "committed",
        [workload](uint64_t request, client::Batch& batch) { workload->write_tcp(request, batch); });
  }
  return std::make_unique<HttpConnection>(
      Servers(settings.http, number),
      [workload](uint64_t request, std::string& out) { workload->write_http(request, out); });
}

void add_cost(Report& report, const Settings& settings, const Tally& tally, const Usage& before,
              const Usage& after, double own_seconds) {
  auto events =
      static_cast<double>(std::max<uint64_t>(1, tally.accepted + tally.duplicates + tally.rejected));
  if (settings.server_pid > 0) {
    report.number("server_cpu_us_per_event", (after.cpu_seconds - before.cpu_seconds) * 1e6 / events, 3);
    report.number("server_cores", (after.cpu_seconds - before.cpu_seconds) / std::max(tally.seconds, 1e-9),
                  2);
    report.count("server_resident_bytes", after.resident_bytes);
    report.count("server_peak_bytes", after.peak_bytes);
  }
  if (!settings.data_dir.empty()) {
    report.count("disk_bytes", after.disk_bytes);
    report.number("disk_bytes_per_event",
                  (static_cast<double>(after.disk_bytes) - static_cast<double>(before.disk_bytes)) / events,
                  1);
  }
  report.number("client_cpu_us_per_event", own_seconds * 1e6 / events, 3);
}

}  // namespace

Tally run_appends(const Settings& settings, const std::vector<std::string>& lines,
                  const std::atomic<bool>& stop) {
  std::atomic<uint64_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::exception_ptr failure;
  Tally total;
  uint32_t threads = std::min(settings.threads, settings.connections);
  auto work = [&](uint32_t thread) {
    try {
      auto workload = std::make_shared<Workload>(settings, lines);
      std::vector<std::unique_ptr<Connection>> connections;
      for (uint32_t i = thread; i < settings.connections; i += threads) {
        connections.push_back(make_connection(settings, i, workload));
      }
      Pace pace{settings.rate / settings.batch / threads, settings.seconds, workload->requests()};
      Tally tally = drive(connections, pace, next,
                          threads > 1 ? failed : stop);  // with one thread nobody else can fail
      std::lock_guard lock(mutex);
      total.merge(tally);
    } catch (...) {
      std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      failed = true;
    }
  };
  std::vector<std::thread> others;
  for (uint32_t i = 1; i < threads; i++) others.emplace_back(work, i);
  work(0);
  for (std::thread& thread : others) thread.join();
  if (failure) std::rethrow_exception(failure);
  return total;
}

Report append_report(const Settings& settings) {
  std::vector<std::string> lines;
  if (!settings.file.empty()) lines = read_lines(settings.file);
  size_t event_bytes = Workload(settings, lines).event_bytes();
  Usage before = usage_of(settings.server_pid, settings.data_dir);
  double own_before = own_cpu_seconds();
  std::atomic<bool> stop{false};
  Tally tally = run_appends(settings, lines, stop);
  double own = own_cpu_seconds() - own_before;
  Usage after = usage_of(settings.server_pid, settings.data_dir);

  Report report;
  report.text("run", "append");
  report.text("protocol", settings.protocol);
  report.text("format", settings.file.empty() ? settings.format : settings.file);
  report.text("ack", settings.ack);
  report.count("connections", settings.connections);
  report.count("batch", settings.batch);
  report.number("rate", settings.rate, 0);
  report.count("seed", settings.seed);
  report.count("event_bytes", event_bytes);
  report.number("seconds", tally.seconds, 3);
  auto events = static_cast<double>(tally.accepted + tally.duplicates + tally.rejected);
  report.number("events_per_second", events / std::max(tally.seconds, 1e-9), 0);
  report.latency("latency_us", tally.latency);
  report.tally(tally);
  add_cost(report, settings, tally, before, after, own);
  return report;
}

}  // namespace lode::bench
