#include "wire/session_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <shared_mutex>
#include <tuple>

namespace lode::wire {

struct SessionMetrics::Impl {
  struct PerRoute {
    prometheus::Histogram* seconds = nullptr;
    std::map<int, prometheus::Counter*> by_status;
  };
  struct PerProtocol {
    prometheus::Family<prometheus::Counter>* requests;
    prometheus::Family<prometheus::Histogram>* seconds;
    prometheus::Gauge* connections;
    prometheus::Counter* received;
    prometheus::Counter* sent;
    std::map<std::string, PerRoute, std::less<>> routes;  // guarded by mutex
  };

  explicit Impl() {
    static constexpr const char* kNames[] = {"http", "tcp"};
    for (size_t i = 0; i < protocols.size(); ++i) {
      std::string prefix = std::string("lode_") + kNames[i];
      PerProtocol& of = protocols[i];
      of.requests = &prometheus::BuildCounter()
                         .Name(prefix + "_requests_total")
                         .Help("Requests answered, by route and status.")
                         .Register(registry);
      of.seconds = &prometheus::BuildHistogram()
                        .Name(prefix + "_request_duration_seconds")
                        .Help("From a request's last byte to its answer, by route.")
                        .Register(registry);
      of.connections = &prometheus::BuildGauge()
                            .Name(prefix + "_connections")
                            .Help("Connections open now.")
                            .Register(registry)
                            .Add({});
      of.received = &prometheus::BuildCounter()
                         .Name(prefix + "_received_bytes_total")
                         .Help("Bytes read from sockets.")
                         .Register(registry)
                         .Add({});
      of.sent = &prometheus::BuildCounter()
                     .Name(prefix + "_sent_bytes_total")
                     .Help("Bytes written to sockets.")
                     .Register(registry)
                     .Add({});
    }
    explanations = &prometheus::BuildCounter()
                        .Name("lode_explanations_total")
                        .Help("Numbers of gold that were explained.")
                        .Register(registry)
                        .Add({});
    mismatches = &prometheus::BuildCounter()
                      .Name("lode_explanation_mismatches_total")
                      .Help("Of those the ones whose lines did not add up to the number: none ever should.")
                      .Register(registry)
                      .Add({});
  }

  prometheus::Registry registry;
  std::array<PerProtocol, 2> protocols;
  prometheus::Counter *explanations, *mismatches;
  std::shared_mutex mutex;
};

SessionMetrics::SessionMetrics() : impl_(std::make_unique<Impl>()) {}
SessionMetrics::~SessionMetrics() = default;

namespace {
const prometheus::Histogram::BucketBoundaries kBuckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                          0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};
}  // namespace

void SessionMetrics::request(Protocol protocol, std::string_view route, int status, double seconds) {
  auto& of = impl_->protocols[static_cast<size_t>(protocol)];
  prometheus::Counter* counter = nullptr;
  prometheus::Histogram* histogram = nullptr;
  {
    std::shared_lock lock(impl_->mutex);
    auto known = of.routes.find(route);
    if (known != of.routes.end()) {
      histogram = known->second.seconds;
      auto found = known->second.by_status.find(status);
      if (found != known->second.by_status.end()) counter = found->second;
    }
  }
  if (!counter) {
    std::unique_lock lock(impl_->mutex);
    std::string name(route);
    Impl::PerRoute& entry = of.routes[name];
    counter = entry.by_status[status] =
        &of.requests->Add({{"route", name}, {"status", std::to_string(status)}});
    histogram = entry.seconds = &of.seconds->Add({{"route", name}}, kBuckets);
  }
  counter->Increment();
  histogram->Observe(seconds);
}

void SessionMetrics::opened(Protocol protocol) {
  impl_->protocols[static_cast<size_t>(protocol)].connections->Increment();
}
void SessionMetrics::closed(Protocol protocol) {
  impl_->protocols[static_cast<size_t>(protocol)].connections->Decrement();
}
void SessionMetrics::received(Protocol protocol, uint64_t bytes) {
  impl_->protocols[static_cast<size_t>(protocol)].received->Increment(static_cast<double>(bytes));
}
void SessionMetrics::sent(Protocol protocol, uint64_t bytes) {
  impl_->protocols[static_cast<size_t>(protocol)].sent->Increment(static_cast<double>(bytes));
}

void SessionMetrics::explained(bool adds_up) {
  impl_->explanations->Increment();
  if (!adds_up) impl_->mismatches->Increment();
}

std::string SessionMetrics::text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace lode::wire
