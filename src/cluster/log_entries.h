// Single entries of the log from other nodes: for a node whose own are damaged. FORMAT.md has the bytes.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "cluster/settings.h"
#include "env/clock.h"
#include "log/log.h"
#include "peer/network.h"

namespace lode::cluster {

// Gives this node's. Any thread.
class LogEntries {
 public:
  static constexpr uint8_t kEntryKind = 8;

  // `committed`: up to where they are, on this node. Both outlive the network.
  LogEntries(const log::Log& log, std::function<record::EntryIndex()> committed)
      : log_(log), committed_(std::move(committed)) {}
  void attach(peer::Network& network);  // before the network's start

 private:
  void answer(const peer::Request& request, const peer::Responder& responder) const;

  const log::Log& log_;
  const std::function<record::EntryIndex()> committed_;
};

// From whoever is connected and has it, one after the other; nothing when nobody does. Blocks, some seconds
// at most for each node; not on the network's thread. Any other.
std::optional<log::StoredEntry> fetch_entry(peer::Network& network, record::EntryIndex index);

// The same for a node that does not serve: connects to the members that its log knows, or that `settings`
// names, and takes no part in the group.
class Outsider {
 public:
  // Waits until a member is connected, five seconds at most. Throws std::runtime_error with a sentence:
  // nobody is, the folder is of no cluster, the port is taken. `log` and the clock outlive it.
  Outsider(const Settings& settings, log::Log& log, const env::Clock& clock);
  ~Outsider();
  std::optional<log::StoredEntry> fetch(record::EntryIndex index);

 private:
  std::unique_ptr<peer::Network> network_;
};

}  // namespace lode::cluster
