// Compaction of the state: what silver, gold and the indexes have on the disk, merged into one run a table.
// Rows, and what they hash to, stay. What it gains is what later files overwrote and has not been merged yet,
// and the difference between the light packing of new files and the tighter one of merged ones; a state that
// is merged gains nothing. Any thread.
#pragma once

#include <functional>
#include <string>

#include "admin/tasks.h"
#include "materialize/current.h"

namespace lode::admin {

// All outlive the calls.
struct CompactStatePlace {
  const materialize::Current& current;
  std::function<uint64_t()> free_bytes;  // of the state's disk
  uint64_t reserved_bytes = 0;           // that are left free
};

// Does it and answers the result, a JSON object; "" when the control ended it. Tables for which the disk has
// no room twice are left as they are, and named. A kill anywhere leaves a whole state. Throws
// store::WriteFailed.
std::string run_compact_state(const CompactStatePlace& place, TaskControl& control);

}  // namespace lode::admin
