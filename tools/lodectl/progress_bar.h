// A progress bar on standard error, drawn only when that is a terminal; without colour when NO_COLOR is set.
// One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace lode::lodectl {

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();  // wipes the bar
  // At most ten times a second. `total` 0: not known.
  void show(uint64_t done, uint64_t total, uint64_t events);
  void show_step(const std::string& doing, double share);  // share: 0..1

 private:
  bool due();
  std::string bar(double share) const;

  const bool terminal_, colour_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace lode::lodectl
