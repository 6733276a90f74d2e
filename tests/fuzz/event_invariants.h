// What holds for every batch, whatever the bytes were.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "event/record_decoder.h"

namespace lode::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

// Counts add up, rejections say something, and what a record would hold of each event makes the same event
// again.
inline void check_batch(const event::EventBatch& batch) {
  require(batch.item_count == batch.events.size() + batch.rejections.size(), "every item has one verdict");
  require(batch.indexes.size() == batch.events.size(), "every event has its index");
  for (const event::Rejection& rejection : batch.rejections) {
    require(!rejection.problem.code.empty() && !rejection.problem.detail.empty(),
            "a rejection explains itself");
  }
  size_t lines = 0;
  event::RecordDecoder decoder;
  for (const event::Event& event : batch.events) {
    require(event.first_line == lines, "lines of events stand in a row");
    lines += event.line_count;
    std::string payload(event.payload), contact(event.contact);
    event::EventBatch again;
    require(decoder.decode(event.format, payload, contact, 0, again), "what was admitted can be replayed");
    const event::Event& replayed = again.events[0];
    require(replayed.content_hash == event.content_hash, "replay has the same content");
    require(replayed.event_id == event.event_id && replayed.source == event.source,
            "replay has the same key");
    require(replayed.payload == event.payload && replayed.contact == event.contact, "nothing is cut again");
  }
  require(lines == batch.lines.size(), "no lines without an event");
}

}  // namespace lode::fuzz
