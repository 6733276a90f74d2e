// One node's engine without sockets: the log, the state made of it, admission, and the reads' sources, wired
// together. Wiring lives here and nowhere else.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "env/clock.h"
#include "ingest/ingest.h"
#include "materialize/materializer.h"
#include "node/config.h"
#include "query/gold_query.h"
#include "query/log_query.h"
#include "query/silver_query.h"

namespace lode::node {

class Engine {
 public:
  enum class State { kept, removed };  // what is done with the state that lies there
  // Opens the data folder, makes it when it is not there. Throws InvalidConfig, std::runtime_error with a
  // sentence.
  Engine(const Config& config, const env::Clock& clock, State state = State::kept);
  // Answers what was taken, then brings the state onto the disk.
  ~Engine();

  // Applies what the log holds beyond the state's checkpoint (all of it, when the ruleset is another one),
  // then opens admission. `stopping` ends it early. Blocks; any one thread, once. Throws store::Damaged when
  // the state can't be read; record::Corruption, std::runtime_error when the log can't.
  void recover(const std::atomic<bool>& stopping);
  void stop();

  std::string not_ready() const;  // "" when ready, else why not and how far
  std::string status_json() const;

  ingest::Ingest& ingest();
  const ingest::Ingest& ingest() const;
  materialize::Applied& applied();
  query::GoldSource gold_source() const;
  query::SilverSource silver_source() const;
  query::LogSource log_source() const;

  // For metrics.
  const materialize::Materializer& materializer() const;
  const store::State& state() const;
  const log::Log& log() const;
  record::EntryIndex committed_entry() const;
  uint64_t ruleset_hash() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::node
