// One request on its way: its events, what became of each, and whom to tell.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ingest/ingest.h"
#include "sequence/sequencer.h"
#include "silver/rule.h"

namespace lode::ingest {

// Made by the thread that submits; then changed by the apply thread alone, but for claim() and settle().
struct Submission {
  Request request;
  std::function<void(Answer)> done;
  std::vector<store::Hash96> keys;                             // as request.batch.events
  std::vector<sequence::ItemVerdict> verdicts;                 // as request.batch.events
  std::vector<std::pair<uint32_t, silver::Rule>> quarantined;  // event number, rule; ascending
  uint64_t bytes = 0;
  uint32_t sequenced = 0;             // events with a verdict
  std::atomic<uint32_t> settled = 0;  // events that need nothing more: applied, or given up
  std::atomic<bool> claimed = false;
};

uint32_t size_of(const Submission& submission);

// Any thread. True for the first who asks, who has to answer then.
bool claim(Submission& submission);
void answer(Submission& submission, Answer with);  // once it is claimed
// Any thread: so many more of its events need nothing more. True when no other does. Claimed before, if any
// was given up.
bool settle(Submission& submission, uint32_t events);

// The answer of contract section 7, made of the verdicts and of what admission rejected.
WriteResult result_of(const Submission& submission);

}  // namespace lode::ingest
