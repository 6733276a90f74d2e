// CPU priority of the calling thread or of another one of this process: background work is niced, so that it
// takes the cores only when nobody answering a request wants them.
#pragma once

#include <sys/types.h>

namespace lode::store {

pid_t this_thread();  // the kernel's id of the calling thread

inline constexpr int kBackgroundNice = 10;

void lower_priority(pid_t thread);
void restore_priority(pid_t thread);

// Whether this process may raise what it lowered (root, CAP_SYS_NICE or a fitting RLIMIT_NICE). Tried once,
// in a thread made for that.
bool priority_can_be_restored();

}  // namespace lode::store
