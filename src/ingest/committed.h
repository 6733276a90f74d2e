// An entry on its way to apply, or to those who wait for it in vain.
#pragma once

#include <memory>
#include <vector>

#include "ingest/submission.h"
#include "materialize/entry_decoder.h"

namespace lode::ingest {

enum class Fate : uint8_t {
  committed,
  in_doubt,  // leadership is lost: it is told later whether it is committed or lost, or never
  lost,      // it is certainly not in the log
};

struct Committed {
  materialize::CommittedEntry entry;
  std::vector<std::shared_ptr<Submission>> submissions;  // as entry.slices; none of an entry from elsewhere
  std::shared_ptr<materialize::DecodedEntry> decoded;    // what entry.slices point to then
  Fate fate = Fate::committed;
};

}  // namespace lode::ingest
