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

void ProgressBar::show(uint64_t done, uint64_t total, uint64_t events) {
  auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  double seconds = std::chrono::duration<double>(now - start_).count();
  double rate = static_cast<double>(events) / seconds;
  if (total == 0) {
    std::fprintf(stderr, "\r\x1b[K%llu events, %.0f/s", static_cast<unsigned long long>(events), rate);
    return;
  }
  constexpr size_t kCells = 30;
  double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  auto full = static_cast<size_t>(share * kCells);
  std::string bar = std::string(full, '=') + std::string(kCells - full, ' ');
  double left = share > 0 ? seconds / share - seconds : 0;
  std::fprintf(stderr, "\r\x1b[K%s[%s]%s %3.0f%%  %llu events, %.0f/s, %.0f s left",
               colour_ ? "\x1b[32m" : "", bar.c_str(), colour_ ? "\x1b[0m" : "", share * 100,
               static_cast<unsigned long long>(events), rate, left);
}

}  // namespace lode::lodectl
