#include "lodectl/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace lode::lodectl {
namespace {

bool able_terminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && kind && std::string_view(kind) != "dumb";
}

bool colour_wanted() {
  const char* no_colour = std::getenv("NO_COLOR");
  return !no_colour || !*no_colour;
}

}  // namespace

ProgressBar::ProgressBar()
    : terminal_(able_terminal()),
      colour_(colour_wanted()),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

ProgressBar::~ProgressBar() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

bool ProgressBar::due() {
  auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - last_ < std::chrono::milliseconds(100)) return false;
  last_ = now;
  return drawn_ = true;
}

std::string ProgressBar::bar(double share) const {
  constexpr size_t kCells = 30;
  auto full = static_cast<size_t>(std::clamp(share, 0.0, 1.0) * kCells);
  std::string cells = "[" + std::string(full, '=') + std::string(kCells - full, ' ') + "]";
  return colour_ ? "\x1b[32m" + cells + "\x1b[0m" : cells;
}

void ProgressBar::show(uint64_t done, uint64_t total, uint64_t events) {
  if (!due()) return;
  double seconds = std::chrono::duration<double>(last_ - start_).count();
  double rate = static_cast<double>(events) / seconds;
  if (total == 0) {
    std::fprintf(stderr, "\r\x1b[K%llu events, %.0f/s", static_cast<unsigned long long>(events), rate);
    return;
  }
  double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  double left = share > 0 ? seconds / share - seconds : 0;
  std::fprintf(stderr, "\r\x1b[K%s %3.0f%%  %llu events, %.0f/s, %.0f s left", bar(share).c_str(),
               share * 100, static_cast<unsigned long long>(events), rate, left);
}

void ProgressBar::show_step(const std::string& doing, double share) {
  if (!due()) return;
  double seconds = std::chrono::duration<double>(last_ - start_).count();
  std::fprintf(stderr, "\r\x1b[K%s %3.0f%%  %s, %.0f s", bar(share).c_str(), share * 100, doing.c_str(),
               seconds);
}

}  // namespace lode::lodectl
