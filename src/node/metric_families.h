// Prometheus families of one or a few numbers.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

namespace lode::node {

inline double as_double(uint64_t value) { return static_cast<double>(value); }

inline prometheus::ClientMetric gauged(double value, const char* label = nullptr, std::string text = "") {
  prometheus::ClientMetric metric;
  metric.gauge.value = value;
  if (label) metric.label.push_back({label, std::move(text)});
  return metric;
}

inline prometheus::ClientMetric counted(double value, const char* label = nullptr, std::string text = "") {
  prometheus::ClientMetric metric;
  metric.counter.value = value;
  if (label) metric.label.push_back({label, std::move(text)});
  return metric;
}

inline prometheus::MetricFamily gauges(const char* name, const char* help,
                                       std::vector<prometheus::ClientMetric> metrics) {
  return {name, help, prometheus::MetricType::Gauge, std::move(metrics)};
}

inline prometheus::MetricFamily gauge(const char* name, const char* help, double value) {
  return gauges(name, help, {gauged(value)});
}

inline prometheus::MetricFamily counter(const char* name, const char* help,
                                        std::vector<prometheus::ClientMetric> metrics) {
  return {name, help, prometheus::MetricType::Counter, std::move(metrics)};
}

}  // namespace lode::node
