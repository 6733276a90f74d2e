// Virtual time: what happens next. Same moment: in the order in which it was put down.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

namespace lode::sim {

class Agenda {
 public:
  uint64_t now() const { return now_; }
  void in(uint64_t ms, std::function<void()> what) {
    todo_.emplace(std::pair(now_ + ms, next_++), std::move(what));
  }
  void run_until(
      uint64_t time, const std::function<bool()>& enough = [] { return false; }) {
    while (!todo_.empty() && todo_.begin()->first.first <= time && !enough()) {
      auto first = todo_.extract(todo_.begin());
      now_ = first.key().first;
      first.mapped()();
    }
    if (!enough()) now_ = time;
  }

 private:
  uint64_t now_ = 1000;
  uint64_t next_ = 0;
  std::map<std::pair<uint64_t, uint64_t>, std::function<void()>> todo_;
};

}  // namespace lode::sim
