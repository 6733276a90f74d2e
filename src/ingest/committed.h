// A committed entry on its way to apply.
#pragma once

#include <memory>
#include <vector>

#include "ingest/submission.h"
#include "materialize/entry_decoder.h"

namespace lode::ingest {

class Barriers;

struct Committed {
  materialize::CommittedEntry entry;
  std::vector<std::shared_ptr<Submission>> submissions;  // as entry.slices; none of an entry from elsewhere
  std::shared_ptr<materialize::DecodedEntry> decoded;    // what entry.slices point to then
  Barriers* barrier = nullptr;                           // whom to tell when it is applied
};

}  // namespace lode::ingest
