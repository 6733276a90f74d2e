// Ctrl-C and SIGTERM for commands that have something to say before they end. One object at a time, on the
// main thread. The first signal is only noted; a second one ends the process at once, as it does without
// this.
#pragma once

#include <signal.h>

namespace lode::lodectl {

class Interruption {
 public:
  Interruption();
  ~Interruption();  // as it was before
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  static bool asked();  // any thread

 private:
  struct sigaction int_before_, term_before_;
};

// Threads that are started while this lives leave the signals to the main thread, whose reads they then
// break.
class SignalsLeftToMain {
 public:
  SignalsLeftToMain();
  ~SignalsLeftToMain();
  SignalsLeftToMain(const SignalsLeftToMain&) = delete;
  SignalsLeftToMain& operator=(const SignalsLeftToMain&) = delete;

 private:
  sigset_t before_;
};

}  // namespace lode::lodectl
