// Apply's first half: gives each item of a committed entry its verdict and its offset. Deterministic: a
// function of the entries before and nothing else. An idempotency key is known for ever.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "event/event.h"
#include "record/types.h"
#include "sequence/batch_index.h"
#include "store/hash_index.h"

namespace lode::sequence {

// Some events of a batch, with the hashes of their idempotency keys (events[i] has keys[i], both counted from
// 0).
struct Slice {
  const event::EventBatch* batch = nullptr;
  const store::Hash96* keys = nullptr;
  uint32_t first = 0;
  uint32_t count = 0;
};

enum class Verdict : uint8_t { accepted, duplicate, conflict };

struct ItemVerdict {
  Verdict verdict = Verdict::accepted;
  record::Offset offset;  // its own, or that of the first record with its key
};

class Sequencer {
 public:
  Sequencer(store::HashIndex& ids, BatchIndex& index) : ids_(ids), index_(index) {}

  // Verdicts of one entry's items, in order; `next` moves past the offsets given. Apply thread, mutex held
  // exclusively.
  void sequence(record::EntryIndex entry, std::span<const Slice> slices, record::Offset& next,
                std::vector<ItemVerdict>& verdicts);

 private:
  store::HashIndex& ids_;
  BatchIndex& index_;
};

// The idempotency key's hash: source and event_id, told apart.
store::Hash96 hash_key(const store::Hasher& hasher, const event::Event& event);

}  // namespace lode::sequence
