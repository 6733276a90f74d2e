#include "env/log.h"

#include <atomic>
#include <memory>
#include <mutex>

namespace lode::env {
namespace {

std::atomic<LogLevel> the_level = LogLevel::info;

struct Place {
  std::mutex mutex;
  std::shared_ptr<const LogSink> sink;  // guarded by mutex
};

// Never destroyed: threads may log while the process ends.
Place& place() {
  static auto* const the_place = new Place;
  return *the_place;
}

std::shared_ptr<const LogSink> sink() {
  std::lock_guard lock(place().mutex);
  return place().sink;
}

}  // namespace

void set_log_sink(LogSink to) {
  auto fresh = to ? std::make_shared<const LogSink>(std::move(to)) : nullptr;
  std::lock_guard lock(place().mutex);
  place().sink.swap(fresh);
}

void set_log_level(LogLevel least) { the_level = least; }

bool logs(LogLevel level) { return level >= the_level.load(std::memory_order_relaxed); }

void log(LogLevel level, std::string_view event, std::string_view sentence,
         std::initializer_list<LogField> fields) {
  if (!logs(level)) return;
  if (const auto to = sink()) (*to)({level, event, sentence, {fields.begin(), fields.size()}});
}

}  // namespace lode::env
