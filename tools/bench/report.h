// What a run measured, as text and as JSON.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/drive.h"
#include "bench/histogram.h"

namespace lode::bench {

// Figures with their names, in order; a name such as "server_cpu_us_per_event" holds its unit.
class Report {
 public:
  void text(std::string name, std::string value);
  void count(std::string name, uint64_t value);
  void number(std::string name, double value, int digits);
  // p50 to max, in microseconds.
  void latency(std::string name, const Histogram& histogram);
  // Requests, verdicts and what went wrong.
  void tally(const Tally& tally);

  std::string as_text() const;
  std::string as_json() const;

 private:
  struct Figure {
    std::string name, text, json;
  };
  std::vector<Figure> figures_;
};

}  // namespace lode::bench
