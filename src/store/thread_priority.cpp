#include "store/thread_priority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

namespace lode::store {

namespace {

bool set_nice(pid_t thread, int nice) {
  // On Linux a thread has a nice value of its own.
  return setpriority(PRIO_PROCESS, static_cast<id_t>(thread), nice) == 0;
}

// What the process was started with.
int own_nice() {
  static const int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(getpid()));
  return nice;
}

}  // namespace

pid_t this_thread() { return static_cast<pid_t>(syscall(SYS_gettid)); }

void lower_priority(pid_t thread) { set_nice(thread, own_nice() + kBackgroundNice); }

void restore_priority(pid_t thread) { set_nice(thread, own_nice()); }

bool priority_can_be_restored() {
  static const bool can = [] {
    bool restored = false;
    std::thread([&restored] {
      lower_priority(this_thread());
      restored = set_nice(this_thread(), own_nice());
    }).join();
    return restored;
  }();
  return can;
}

}  // namespace lode::store
