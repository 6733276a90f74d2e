// What all sessions of one server share. Outlives every session; any thread unless said otherwise.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

#include "wire/query_pool.h"
#include "wire/room.h"
#include "wire/services.h"
#include "wire/session_metrics.h"

namespace lode::wire {

// So many bodies of the largest size may be alive, over all connections: read, decompressed, not answered
// yet.
constexpr uint64_t kBodiesAtOnce = 8;
// An answer up to this size passes without asking for room.
constexpr size_t kSmallAnswer = 64 * 1024;
constexpr uint32_t kGoldStreams = 64;

// What of the settings can change while connections stand; what events may be: Loop::limits(). Any thread.
struct LiveSettings {
  explicit LiveSettings(const Settings& settings) { set(settings); }
  void set(const Settings& settings) {
    max_connections = settings.max_connections;
    header_bytes = settings.header_bytes;
    idle_seconds = settings.idle_seconds;
    request_seconds = settings.request_seconds;
  }
  std::atomic<uint32_t> max_connections, header_bytes, idle_seconds, request_seconds;
};

struct Site {
  Site(const Settings& the_settings, Services the_services)
      : live(the_settings),
        services(std::move(the_services)),
        bodies(std::make_shared<Room>(kBodiesAtOnce * the_settings.limits.body_bytes)),
        answers(std::make_shared<Room>(the_settings.answer_bytes)),
        pool(2, 256),
        long_pool(1, 16) {}

  LiveSettings live;
  const Services services;
  SessionMetrics metrics;
  const std::shared_ptr<Room> bodies;   // of requests being read or handled, and large answers to writes
  const std::shared_ptr<Room> answers;  // large answers to reads: being made, or waiting for their readers
  QueryPool pool;
  QueryPool long_pool;  // reads that take seconds, one after the other: others don't wait for them
  std::atomic<bool> stopping = false;
  std::atomic<uint32_t> connections = 0;
  std::atomic<uint32_t> gold_streams = 0;
  std::mutex retry_mutex;
  std::set<uint64_t> retrying;  // quarantined offsets whose retry is under way; under retry_mutex
};

}  // namespace lode::wire
