#include "wire/admin_kinds.h"

namespace lode::wire {

using Type = KindMember::Type;

const std::vector<AdminKind>& admin_kinds() {
  static const std::vector<AdminKind> kKinds = {
      {"replay",
       "/v1/admin/replay",
       "replay",
       "Replay",
       "Build silver and gold from the log again beside what serves, and exchange the two in one step.",
       {{"action", Type::text,
         "replay (the default); promote: exchange what a dry run built; rollback: exchange with the state "
         "that "
         "served before; drop: remove both."},
        {"view", Type::text, "Compare this view alone; everything is built all the same."},
        {"silver", Type::truth, "Compare silver's tables alone."},
        {"from", Type::text,
         "An offset or a time: start at the newest kept snapshot of the state at or before it."},
        {"dry_run", Type::truth, "Build, compare row by row, and keep what was built for promote."},
        {"cores", Type::whole, "Of the machine's, at most; all by default."},
        {"rate", Type::whole, "Records a second, at most; 0, the default: no bound."}}},
      {"snapshot",
       "/v1/admin/snapshot",
       "keepSnapshot",
       "KeepSnapshot",
       "Keep a snapshot of the state, from which a replay may start; or drop one.",
       {{"action", Type::text, "create (the default) or drop."},
        {"name", Type::text, "Of the one to drop, as status shows it; without it all are dropped."}}},
      {"time-travel",
       "/v1/admin/time-travel",
       "timeTravel",
       "TimeTravel",
       "Make the state as it was at a point of the log, in a folder of its own, for loded --read-only.",
       {{"to", Type::text,
         "An offset, whose record is the last, or a time, until which records were received.", true},
        {"into", Type::text, "The folder on the server's disk, absolute; it must be empty or absent.", true},
        {"cores", Type::whole, "Of the machine's, at most; all by default."},
        {"rate", Type::whole, "Records a second, at most; 0, the default: no bound."}}}};
  return kKinds;
}

}  // namespace lode::wire
