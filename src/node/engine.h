// One node's engine without sockets: the log, the state made of it, admission, and the reads' sources, wired
// together. Wiring lives here and nowhere else.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "env/clock.h"
#include "ingest/ingest.h"
#include "materialize/current.h"
#include "node/config.h"
#include "node/sources.h"

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
  // Of the generation that serves now. Any thread; take them anew for every read.
  std::shared_ptr<const materialize::Generation> generation() const;
  std::shared_ptr<const Sources> sources() const;

  // For metrics.
  const log::Log& log() const;
  record::EntryIndex committed_entry() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::node
