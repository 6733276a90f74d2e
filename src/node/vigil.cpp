#include "node/vigil.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "env/log.h"
#include "node/log_output.h"

namespace lode::node {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr microseconds kPauseStarting = milliseconds{100};
constexpr microseconds kPause = milliseconds{1000};
constexpr microseconds kStatusEvery = milliseconds{5000};  // of a node that is ready
constexpr microseconds kPatience = std::chrono::seconds{30};
constexpr microseconds kExtension = std::chrono::seconds{60};

// What is stuck is told for half of the time, so that the manager hears nothing in the other half.
microseconds patience_of(const env::ServiceManager& manager) {
  return manager.watchdog() ? *manager.watchdog() / 2 : kPatience;
}

}  // namespace

Vigil::Watching::Watching(Vigil& vigil, Subject subject) : vigil_(vigil) {
  std::lock_guard lock(vigil_.subject_mutex_);
  vigil_.subject_ = std::make_unique<Subject>(std::move(subject));
}

Vigil::Watching::~Watching() {
  std::lock_guard lock(vigil_.subject_mutex_);
  vigil_.subject_ = nullptr;
  vigil_.without_since_ = vigil_.clock_.steady_micros();
}

Vigil::Vigil(env::ServiceManager& manager, const env::Clock& clock)
    : manager_(manager),
      clock_(clock),
      patience_(patience_of(manager)),
      without_since_(clock.steady_micros()),
      apply_(patience_) {
  thread_ = std::thread([this] { run(); });
}

Vigil::~Vigil() {
  {
    std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Vigil::run() {
  pthread_setname_np(pthread_self(), "lode-vigil");
  std::unique_lock lock(mutex_);
  while (!over_) {
    const auto time = pause();
    lock.unlock();
    look();
    say_left_out();
    lock.lock();
    wake_.wait_for(lock, time, [this] { return over_; });
  }
}

microseconds Vigil::pause() const {
  if (!ready_) return kPauseStarting;
  return manager_.watchdog() ? std::min(kPause, *manager_.watchdog() / 4) : kPause;
}

void Vigil::look() {
  judge(trouble());
  look_at_subject();
}

void Vigil::look_at_subject() {
  std::string why, status;
  bool started = false, opening = false;
  {
    std::lock_guard subject(subject_mutex_);
    opening = !subject_;
    if (opening) {
      why = "opening the data folder";
    } else {
      why = subject_->not_ready();
      started = why.empty() || subject_->waits_for_others();
      if (why.empty()) status = subject_->at_work();
    }
  }
  std::lock_guard lock(mutex_);
  if (stopping_) return;
  if (started && !std::exchange(ready_, true)) {
    manager_.ready(why.empty() ? status : why);
    told_ = why.empty() ? status : why;
    return;
  }
  const std::string& now = why.empty() ? status : why;
  const bool patient = !opening || clock_.steady_micros() - without_since_ < microseconds(kOpening).count();
  // A start goes on for as long as it comes further.
  if (!ready_ && (now != told_ || opening) && patient) manager_.extend(kExtension, now);
  if (!ready_) {
    told_ = now;
    return;
  }
  tell_status(outcome_.empty() ? now : now + "; " + outcome_);
}

void Vigil::tell_status(const std::string& status) {
  const int64_t now = clock_.steady_micros();
  if (status == told_ || now - told_at_ < kStatusEvery.count()) return;
  told_ = status;
  told_at_ = now;
  manager_.status(status);
}

// Once it returns, nothing it looked at hangs; what it names does not go on.
std::string Vigil::trouble() {
  std::lock_guard subject(subject_mutex_);
  const int64_t now = clock_.steady_micros();
  if (!subject_) {
    if (now - without_since_ < microseconds(kOpening).count()) return "";
    return "the data folder is being opened or closed for more than 10 minutes";
  }
  if (!subject_->loops_answer(std::chrono::duration_cast<milliseconds>(patience_)))
    return fmt::format("a thread of the server has not answered for {} s", patience_.count() / 1'000'000);
  const Subject::Work work = subject_->apply();
  if (apply_.goes_on(work.at, work.has_more, now)) return "";
  return fmt::format("nothing was applied for {} s, and there is something to apply",
                     apply_.stands_for(now).count() / 1'000'000);
}

void Vigil::judge(const std::string& trouble) {
  if (trouble.empty()) manager_.alive();
  if (!trouble.empty() && trouble_.empty())
    env::log_error("node.stuck", trouble + (manager_.watchdog() ? ": the service manager is not told that "
                                                                  "this process is alive"
                                                                : ""));
  if (trouble.empty() && !trouble_.empty()) env::log_info("node.goes_on", "it goes on again");
  trouble_ = trouble;
}

void Vigil::begin_reload() {
  std::lock_guard lock(mutex_);
  if (ready_ && !stopping_) manager_.reloading();
}

void Vigil::end_reload(const std::string& outcome) {
  std::lock_guard lock(mutex_);
  outcome_ = outcome;
  told_.clear();
  if (ready_ && !stopping_) manager_.ready(outcome);
}

void Vigil::stopping(const std::string& why) {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  manager_.stopping(why);
}

}  // namespace lode::node
