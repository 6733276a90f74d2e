#include "lodectl/interruption.h"

#include <atomic>

namespace lode::lodectl {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int) { interrupted = true; }

}  // namespace

Interruption::Interruption() {
  interrupted = false;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESETHAND;  // and no SA_RESTART: a read that waits ends
  sigaction(SIGINT, &action, &int_before_);
  sigaction(SIGTERM, &action, &term_before_);
}

Interruption::~Interruption() {
  sigaction(SIGINT, &int_before_, nullptr);
  sigaction(SIGTERM, &term_before_, nullptr);
}

bool Interruption::asked() { return interrupted; }

SignalsLeftToMain::SignalsLeftToMain() {
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &both, &before_);
}

SignalsLeftToMain::~SignalsLeftToMain() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace lode::lodectl
