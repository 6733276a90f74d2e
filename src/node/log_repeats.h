// Bounds how often the log says the same: a fault that comes a thousand times a second would fill the disk
// and hide everything else. Of each event kBurst lines pass in kPeriod; how many were left out is said when
// the period is over. Critical lines always pass, and so do debug lines: who asks for those wants all. Pure:
// time is given. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "env/log.h"

namespace lode::node {

class LogRepeats {
 public:
  static constexpr uint32_t kBurst = 30;
  static constexpr int64_t kPeriodMicros = 10'000'000;

  struct LeftOut {
    env::LogLevel level = env::LogLevel::info;
    std::string event;
    uint64_t lines = 0;
  };

  // Whether a line of `event` is written. `now_micros` is of a clock that does not go back.
  bool passes(env::LogLevel level, std::string_view event, int64_t now_micros);
  // Of the periods that are over at `now_micros`, in the order of the events' names; each is told once.
  std::vector<LeftOut> take_left_out(int64_t now_micros);

 private:
  struct Period {
    env::LogLevel level = env::LogLevel::info;
    int64_t begun = 0;
    uint32_t passed = 0;
    uint64_t left_out = 0;
  };
  std::map<std::string, Period, std::less<>> periods_;  // by event
  int64_t next_look_ = 0;                               // nothing is over before
};

}  // namespace lode::node
