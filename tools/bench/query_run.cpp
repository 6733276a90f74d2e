#include <array>
#include <exception>
#include <thread>

#include "bench/http_connection.h"
#include "bench/runs.h"
#include "bench/workload.h"
#include "generate/random.h"

namespace lode::bench {
namespace {

struct PointQuery {
  std::string_view view, target;
};
constexpr std::array<PointQuery, 5> kViews = {{
    {"daily_sales", "/v1/gold/daily_sales?day={day}&country={country}&currency={currency}"},
    {"daily_product_sales",
     "/v1/gold/daily_product_sales?day={day}&country={country}&currency={currency}&sku={sku}"},
    {"customer_product_affinity",
     "/v1/gold/customer_product_affinity?customer_id={customer}&sku={sku}&currency={currency}"},
    {"product_popularity", "/v1/gold/product_popularity?customer_type=new&sku={sku}&currency={currency}"},
    {"customer_insights", "/v1/gold/customer_insights?customer_id={customer}&currency={currency}"},
}};

std::string target_of(const std::string& query) {
  for (const PointQuery& known : kViews) {
    if (query == known.view) return std::string(known.target);
  }
  if (query.starts_with('/')) return query;
  throw std::runtime_error(
      "--query takes a shipped view or a path with {day} {country} {currency} {sku} {customer} {order}");
}

void replace(std::string& text, std::string_view name, const std::string& value) {
  for (size_t at; (at = text.find(name)) != std::string::npos;) text.replace(at, name.size(), value);
}

// Requests for the keys of random known events.
WriteRequest query_writer(const Settings& settings) {
  auto stream = std::make_shared<generate::PurchaseStream>(stream_settings(settings));
  std::string pattern = target_of(settings.query), host = settings.http.front();
  uint64_t seed = settings.seed, known = std::max<uint64_t>(1, settings.known);
  return [=](uint64_t request, std::string& out) {
    generate::PurchaseKeys keys = stream->keys(generate::mix(seed ^ generate::mix(request)) % known);
    std::string target = pattern;
    replace(target, "{day}", keys.day);
    replace(target, "{country}", keys.country);
    replace(target, "{currency}", keys.currency);
    replace(target, "{sku}", keys.sku);
    replace(target, "{customer}", keys.customer_id);
    replace(target, "{order}", keys.order_id);
    out = "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: application/json\r\n\r\n";
  };
}

}  // namespace

Report query_report(const Settings& settings) {
  Tally background;
  std::exception_ptr failure;
  std::atomic<bool> stop{false};
  std::thread writer;
  if (settings.background_rate > 0) {
    writer = std::thread([&] {
      try {
        Settings load = settings;
        load.first = settings.known;
        load.batch = settings.background_batch;
        load.connections = 2;
        load.threads = 1;
        load.rate = settings.background_rate;
        load.seconds = 0;
        load.events = 0;
        background = run_appends(load, {}, stop);
      } catch (...) {
        failure = std::current_exception();
      }
    });
  }
  Tally tally;
  try {
    std::vector<std::unique_ptr<Connection>> connections;
    for (uint32_t i = 0; i < settings.connections; i++) {
      connections.push_back(
          std::make_unique<HttpConnection>(Servers(settings.http, i), query_writer(settings)));
    }
    std::atomic<uint64_t> next{0};
    std::atomic<bool> never{false};
    tally = drive(connections, {settings.rate, settings.seconds, settings.events}, next, never);
  } catch (...) {
    failure = std::current_exception();
  }
  stop = true;
  if (writer.joinable()) writer.join();
  if (failure) std::rethrow_exception(failure);

  Report report;
  report.text("run", "query");
  report.text("query", settings.query);
  report.count("connections", settings.connections);
  report.count("known_events", settings.known);
  report.number("seconds", tally.seconds, 3);
  report.number("queries_per_second", static_cast<double>(tally.requests) / std::max(tally.seconds, 1e-9), 0);
  report.latency("latency_us", tally.latency);
  report.count("failed_requests", tally.failed);
  report.count("reconnects", tally.reconnects);
  if (settings.background_rate > 0) {
    report.number("background_rate", settings.background_rate, 0);
    report.number("background_events_per_second",
                  static_cast<double>(background.accepted) / std::max(background.seconds, 1e-9), 0);
    report.latency("background_latency_us", background.latency);
  }
  return report;
}

}  // namespace lode::bench
