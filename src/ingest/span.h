// Entries that were made together and go to the log together, in their order. A submission lies within one
// span, so that its events come into the log in their order, whoever leads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ingest/committed.h"
#include "log/log.h"

namespace lode::ingest {

// Under the lock of the Proposer, once it has it.
struct Span {
  struct Item {
    Committed entry;
    std::shared_ptr<const std::string> payload;
    bool told = false;  // it is committed: `entry` went to apply
  };
  std::vector<Item> items;
  log::EntryType type = log::EntryType::batch;
  int64_t deadline_micros = INT64_MAX;  // of the steady clock; what is not told by then is given up

  uint64_t first_cookie = 0;  // items[i] goes by first_cookie + i
  size_t untold = 0;
  bool known_by_bytes = false;

  enum class Place : uint8_t { waits, calls, proposes, taken };
  Place place = Place::waits;  // calls: the leader; proposes: is inside of this node's replica
  bool here = false;           // the last attempt was a proposal of this node's own replica
  bool sent = false;           // some of it may be in a log
  bool full = false;           // why it was refused last: no room
  size_t next = 0;             // the first item of what is to be sent, or is under way
  size_t end = 0;              // calls: behind the last one under way
  uint64_t attempt = 0;        // answers to earlier ones don't count
  int64_t retry_at_micros = 0;

  size_t first_untold() const {
    size_t i = 0;
    while (i < items.size() && items[i].told) ++i;
    return i;
  }
};

}  // namespace lode::ingest
