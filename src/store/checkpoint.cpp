#include "store/checkpoint.h"

#include "store/bytes.h"
#include "store/disk.h"

namespace lode::store {

std::string encode_checkpoint(const Checkpoint& checkpoint) {
  std::string bytes;
  Packer pack(bytes);
  pack.number(checkpoint.next_offset);
  pack.number(checkpoint.entry_index);
  pack.signed_number(checkpoint.record_micros);
  pack.number(checkpoint.ruleset_hash);
  return bytes;
}

std::optional<Checkpoint> decode_checkpoint(std::string_view bytes) {
  try {
    Unpacker unpack(bytes);
    Checkpoint checkpoint;
    checkpoint.next_offset = unpack.number();
    checkpoint.entry_index = unpack.number();
    checkpoint.record_micros = unpack.signed_number();
    checkpoint.ruleset_hash = unpack.number();
    if (!unpack.done()) return std::nullopt;
    return checkpoint;
  } catch (const Damaged&) {
    return std::nullopt;
  }
}

Checkpoint checkpoint_of(const Snapshot& snapshot) {
  std::string bytes;
  if (!snapshot.get(kMetaFamily, kCheckpointKey, bytes)) return {};
  const std::optional<Checkpoint> checkpoint = decode_checkpoint(bytes);
  if (!checkpoint) throw Damaged("the state's checkpoint can't be read");
  return *checkpoint;
}

bool is_checkpointed(const Snapshot& snapshot) {
  std::string bytes;
  return snapshot.get(kMetaFamily, kCheckpointKey, bytes);
}

}  // namespace lode::store
