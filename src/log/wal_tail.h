// Where the whole records of a write-ahead log file end, and whether what follows is the trace of a write
// that a power loss cut short (never acknowledged: dropped) or damage to records that were (reported).
// RocksDB's own recovery modes can't tell the two apart: one hides damage, the other refuses to start after a
// cut.
//
// How: one writer syncs every write before the next begins. So behind a cut write no later write can have
// begun; a record's beginning found behind broken bytes proves that they were once whole. Reads the format of
// RocksDB 7 without recycled files: 32 KiB blocks of records, each CRC-32C (masked), 2 bytes of length, 1
// byte of type, then data. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace lode::log {

struct WalTail {
  enum class Kind { clean, cut, damaged };
  Kind kind = Kind::clean;   // clean: nothing but zeros follows the whole records
  uint64_t whole_bytes = 0;  // the length of the whole records at the start
};

WalTail find_wal_tail(std::string_view file);

}  // namespace lode::log
