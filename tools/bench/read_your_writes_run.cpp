#include <poll.h>

#include "bench/http_connection.h"
#include "bench/runs.h"

namespace lode::bench {
namespace {

// Sends one request and waits for its answer.
Outcome exchange(HttpConnection& connection) {
  connection.start(0);
  for (;;) {
    if (auto outcome = connection.advance()) return *outcome;
    pollfd ready{connection.descriptor(),
                 static_cast<short>(connection.wants_write() ? POLLIN | POLLOUT : POLLIN), 0};
    if (::poll(&ready, 1, 60'000) == 0) throw ConnectionError("no answer for 60 seconds");
  }
}

}  // namespace

Report read_your_writes_report(const Settings& settings) {
  std::string buyer, id;
  HttpConnection writer(Servers(settings.http), [&](uint64_t, std::string& out) {
    std::string body =
        R"({"event_id":")" + id + R"(","type":"purchase","occurred_at":"2024-06-01T12:00:00Z","source":)" +
        R"("lode-bench","order_id":")" + id + R"(","currency":"EUR","channel":"web","customer":{"id":")" +
        buyer +
        R"(","country":"DE"},"lines":[{"sku":"P00001","description":"A THING","quantity":1,"unit_price":"9.99"}]})";
    out = "POST /v1/events?ack=" + settings.ack + " HTTP/1.1\r\nHost: " + settings.http.front() +
          "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\n\r\n" + body;
  });
  HttpConnection reader(Servers(settings.http), [&](uint64_t, std::string& out) {
    out = "GET /v1/gold/customer_insights?customer_id=" + buyer +
          "&currency=EUR HTTP/1.1\r\nHost: " + settings.http.front() + "\r\n\r\n";
  });
  writer.open();
  reader.open();
  Histogram acknowledged, visible, after_answer;
  uint64_t waits = 0, events = settings.events > 0 ? settings.events : 1000;
  int64_t end =
      settings.seconds > 0 ? nanoseconds_now() + static_cast<int64_t>(settings.seconds * 1e9) : INT64_MAX;
  for (uint64_t i = 0; i < events && nanoseconds_now() < end; i++) {
    buyer = "R" + std::to_string(settings.seed) + "-" + std::to_string(i);
    id = "ryw-" + buyer;
    int64_t start = nanoseconds_now();
    Outcome outcome = exchange(writer);
    if (outcome.status != 200)
      throw ConnectionError("the server answered " + std::to_string(outcome.status) + " to an event");
    int64_t answered = nanoseconds_now();
    for (;;) {
      if (exchange(reader).status != 200) throw ConnectionError("the query failed: " + reader.body());
      if (reader.body().find("\"orders\":1") != std::string::npos) break;
      waits++;
    }
    int64_t seen = nanoseconds_now();
    acknowledged.record(answered - start);
    visible.record(seen - start);
    after_answer.record(seen - answered);
  }
  Report report;
  report.text("run", "read-your-writes");
  report.text("ack", settings.ack);
  report.count("events", visible.count());
  report.count("waits", waits);
  report.latency("event_to_acknowledged_us", acknowledged);
  report.latency("event_to_gold_us", visible);
  report.latency("query_after_answer_us", after_answer);
  return report;
}

}  // namespace lode::bench
