#include "bench/report.h"

#include <algorithm>
#include <cstdio>

#include "generate/json_text.h"

namespace lode::bench {
namespace {

std::string fixed(double value, int digits) {
  char out[64];
  std::snprintf(out, sizeof out, "%.*f", digits, value);
  return out;
}

struct Quantile {
  const char* name;
  double share;
};
constexpr Quantile kQuantiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};

}  // namespace

void Report::text(std::string name, std::string value) {
  std::string json;
  generate::JsonText(json).text("", value);
  figures_.push_back({std::move(name), std::move(value), std::move(json)});
}

void Report::count(std::string name, uint64_t value) {
  figures_.push_back({std::move(name), std::to_string(value), std::to_string(value)});
}

void Report::number(std::string name, double value, int digits) {
  figures_.push_back({std::move(name), fixed(value, digits), fixed(value, digits)});
}

void Report::latency(std::string name, const Histogram& histogram) {
  std::string text, json;
  generate::JsonText out(json);
  out.begin_object();
  auto add = [&](const char* label, int64_t nanoseconds) {
    double micros = static_cast<double>(nanoseconds) / 1000;
    text += std::string(text.empty() ? "" : "  ") + label + " " + fixed(micros, 1);
    out.decimal(label, micros, 1);
  };
  for (const Quantile& quantile : kQuantiles) add(quantile.name, histogram.quantile(quantile.share));
  add("max", histogram.max());
  add("mean", static_cast<int64_t>(histogram.mean()));
  out.number("count", static_cast<int64_t>(histogram.count())).end_object();
  figures_.push_back({std::move(name), std::move(text), std::move(json)});
}

void Report::tally(const Tally& tally) {
  count("requests", tally.requests);
  count("accepted", tally.accepted);
  count("duplicates", tally.duplicates);
  count("rejected", tally.rejected);
  count("answers_429", tally.queue_full);
  count("answers_503_507", tally.unavailable);
  count("failed_requests", tally.failed);
  count("reconnects", tally.reconnects);
}

std::string Report::as_text() const {
  size_t width = 0;
  for (const Figure& figure : figures_) width = std::max(width, figure.name.size());
  std::string out;
  for (const Figure& figure : figures_) {
    out += figure.name + std::string(width + 2 - figure.name.size(), ' ') + figure.text + "\n";
  }
  return out;
}

std::string Report::as_json() const {
  std::string out;
  generate::JsonText json(out);
  json.begin_object();
  for (const Figure& figure : figures_) json.raw(figure.name, figure.json);
  json.end_object();
  return out + "\n";
}

}  // namespace lode::bench
