// One request on its way: its events, what became of each, and whom to tell.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ingest/ingest.h"
#include "sequence/sequencer.h"
#include "silver/rule.h"

namespace lode::ingest {

// Made by the thread that submits; then changed by the apply thread alone.
struct Submission {
  Request request;
  std::function<void(Answer)> done;
  std::vector<store::Hash96> keys;                             // as request.batch.events
  std::vector<sequence::ItemVerdict> verdicts;                 // as request.batch.events, up to `sequenced`
  std::vector<std::pair<uint32_t, silver::Rule>> quarantined;  // event number, rule; ascending
  uint64_t bytes = 0;
  uint32_t sequenced = 0;  // events with a verdict
  uint32_t applied = 0;
  bool answered = false;
};

// The answer of contract section 7, made of the verdicts and of what admission rejected.
WriteResult result_of(const Submission& submission);

}  // namespace lode::ingest
