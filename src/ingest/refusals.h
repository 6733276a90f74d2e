// What a request hears that is not taken, or whose fate is not known.
#pragma once

#include "ingest/ingest.h"

namespace lode::ingest {

Refusal not_ready();
Refusal stopping();
Refusal queue_full();
Refusal no_leader();
Refusal outcome_unknown();

}  // namespace lode::ingest
