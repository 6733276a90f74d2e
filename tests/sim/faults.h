// The fault model: what may go wrong in a simulated run, and how often. Drawn from the seed, so that some
// runs are rough in one way and calm in another.
//
// * Messages between two running nodes: lost, doubled, delayed, and so reordered; whole links cut, one way or
//   both, for a while. Never altered: the transport has checksums.
// * Disks: writes become durable in order, late; a stall now and then. A crash loses what was not synced; of
//   the write under way it loses all or nothing. What was synced stays. No disk is ever wiped or damaged.
// * Nodes: crash at any time, restart after a while with what is durable. Clocks run alike and never go back.
// * Operators: add, promote, remove, hand over, prune, at any time, on whoever leads.
#pragma once

#include <cstdint>

#include "sim/dice.h"

namespace lode::sim {

// A deliberate mistake, to show that the simulator finds it.
enum class Mistake { none, acknowledge_before_sync, forget_vote, keep_changes_inside };

struct Faults {
  explicit Faults(Dice& dice)
      : lost_permille(dice.chance(500) ? 0 : dice.below(200)),
        doubled_permille(dice.chance(500) ? 0 : dice.below(100)),
        late_permille(dice.chance(500) ? 0 : dice.below(200)),
        network_ms(1 + dice.below(dice.chance(200) ? 200 : 10)),
        late_ms(50 + dice.below(600)),
        disk_ms(1 + dice.below(20)),
        stall_permille(dice.below(30)),
        stall_ms(100 + dice.below(900)),
        crash_every_ms(dice.chance(200) ? 0 : 300 + dice.below(3000)),
        cut_every_ms(dice.chance(200) ? 0 : 300 + dice.below(3000)),
        operate_every_ms(dice.chance(100) ? 0 : 100 + dice.below(1500)),
        prune_every_ms(dice.chance(300) ? 0 : 100 + dice.below(1500)),
        vote_crash_permille(dice.chance(500) ? 0 : dice.below(500)),
        propose_every_ms(1 + dice.below(30)),
        rough_ms(3000 + dice.below(7000)) {}

  uint64_t lost_permille, doubled_permille, late_permille;
  uint64_t network_ms, late_ms;  // the longest way of a message, and of a late one
  uint64_t disk_ms, stall_permille, stall_ms;
  uint64_t crash_every_ms, cut_every_ms, operate_every_ms, prune_every_ms;  // 0: never
  uint64_t vote_crash_permille;  // a node that has just voted crashes, and is soon back
  uint64_t propose_every_ms;
  uint64_t rough_ms;  // then the faults stop
};

}  // namespace lode::sim
