#include "embed/running.h"

#include <csignal>
#include <utility>

#include "embed/settings.h"
#include "env/log.h"
#include "node/limits.h"
#include "store/bytes.h"

namespace lode::embed {
namespace {

// The engine's threads take none of the program's signals: those made while this lives.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;

 private:
  sigset_t before_{};
};

LogLevel level_of(env::LogLevel level) {
  switch (level) {
    case env::LogLevel::debug:
      return LogLevel::debug;
    case env::LogLevel::info:
      return LogLevel::info;
    case env::LogLevel::warning:
      return LogLevel::warning;
    case env::LogLevel::error:
    case env::LogLevel::critical:
      break;
  }
  return LogLevel::error;
}

void send_log_to(const std::function<void(LogLevel, std::string_view)>& to) {
  if (!to) return env::set_log_sink(nullptr);
  env::set_log_level(env::LogLevel::debug);
  env::set_log_sink([to](const env::LogLine& line) { to(level_of(line.level), line.sentence); });
}

}  // namespace

Running::Running(const std::string& folder, const Options& options) {
  try {
    const node::Config config = config_of(folder, options);
    limits_ = node::limits_of(config);
    send_log_to(options.log);
    WithoutSignals during;
    open(config);
  } catch (const std::exception& error) {
    throw OpenFailed(error.what());
  }
}

// A state that can't be read is made anew from the log, once.
void Running::open(const node::Config& config) {
  const std::atomic<bool> never = false;
  node::Engine::Opening opening;
  for (;;) {
    try {
      engine_ = std::make_unique<node::Engine>(config, clock_, opening, [](cluster::Host::Restart) {});
      engine_->recover(never);
      return;
    } catch (const store::Damaged& error) {
      engine_ = nullptr;
      if (opening.without_state) throw;
      env::log(env::LogLevel::warning, "state.damaged", error.what());
      opening.without_state = true;
    }
  }
}

Running::~Running() { close(); }

void Running::close() {
  std::vector<std::pair<uint64_t, std::function<void()>>> stops;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    stops.swap(stops_);
  }
  for (auto& [id, stop] : stops) stop();
  std::unique_ptr<node::Engine> ending;
  {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return calls_ == 0; });
    ending = std::move(engine_);
  }
}

Running::Call::Call(Running& of) : of_(of) {
  std::lock_guard lock(of_.mutex_);
  if (of_.closed_) throw std::logic_error("this lode::Engine is closed");
  ++of_.calls_;
}

Running::Call::~Call() {
  std::lock_guard lock(of_.mutex_);
  if (--of_.calls_ == 0) of_.idle_.notify_all();
}

std::unique_ptr<event::JsonDecoder> Running::take_decoder() {
  {
    std::lock_guard lock(mutex_);
    if (!decoders_.empty()) {
      auto decoder = std::move(decoders_.back());
      decoders_.pop_back();
      return decoder;
    }
  }
  return std::make_unique<event::JsonDecoder>(limits_);
}

void Running::give_back(std::unique_ptr<event::JsonDecoder> decoder) {
  std::lock_guard lock(mutex_);
  decoders_.push_back(std::move(decoder));
}

uint64_t Running::on_close(std::function<void()> stop) {
  std::lock_guard lock(mutex_);
  if (closed_) throw std::logic_error("this lode::Engine is closed");
  stops_.emplace_back(next_stop_, std::move(stop));
  return next_stop_++;
}

void Running::forget(uint64_t stop) {
  std::lock_guard lock(mutex_);
  std::erase_if(stops_, [stop](const auto& entry) { return entry.first == stop; });
}

}  // namespace lode::embed
