// What goes over the wire for a snapshot: the bodies of calls of kind 4 and of their answers (FORMAT.md).
// Pure; any thread. Decoding throws peer::BadFrame for anything that is not exactly such a body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "snapshot/manifest.h"

namespace lode::snapshot {

inline constexpr uint8_t kCallKind = 4;
inline constexpr uint32_t kMaxPieceBytes = 1u << 20;

// Which states will do.
struct Wanted {
  uint64_t least_entry = 0;   // made up to this log entry at least: from there on the log is to be had
  uint64_t ruleset_hash = 0;  // 0: any
  bool fits(const store::Checkpoint& checkpoint) const {
    return checkpoint.entry_index >= least_entry &&
           (ruleset_hash == 0 || checkpoint.ruleset_hash == ruleset_hash);
  }
  friend bool operator==(const Wanted&, const Wanted&) = default;
};

// Asked again until a manifest comes: meanwhile the files are being read for their hashes.
struct Open {
  Wanted wanted;
  friend bool operator==(const Open&, const Open&) = default;
};
struct Read {
  uint64_t snapshot = 0;
  uint32_t file = 0;    // place in the manifest
  uint32_t length = 0;  // 1 to kMaxPieceBytes, and not past the file's end
  uint64_t offset = 0;
  friend bool operator==(const Read&, const Read&) = default;
};
struct Close {
  uint64_t snapshot = 0;
  friend bool operator==(const Close&, const Close&) = default;
};
using Request = std::variant<Open, Read, Close>;

struct Preparing {
  uint64_t done_bytes = 0, of_bytes = 0;
  friend bool operator==(const Preparing&, const Preparing&) = default;
};
using Opened = std::variant<Preparing, Manifest>;

std::string encode(const Request& request);
Request decode_request(std::string_view body);

std::string encode(const Opened& opened);
Opened decode_opened(std::string_view body);

// The answer to a read: kPieceHead bytes of checksum, then the piece.
inline constexpr size_t kPieceHead = 8;
void seal_piece(std::string& answer);  // the piece is in its place; writes the checksum before it
// Nothing: it is not `length` bytes, or they were damaged.
std::optional<std::string_view> open_piece(std::string_view answer, uint32_t length);

}  // namespace lode::snapshot
