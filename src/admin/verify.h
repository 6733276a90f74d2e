// Verification: whether what is on the disk is what was written, and, deep, whether it is what the log says.
// Works on a copy of the files (data_copy.h), so that neither a server that goes on nor a start changes what
// is looked at.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "admin/damage.h"
#include "admin/data_copy.h"
#include "admin/watch.h"

namespace lode::admin {

struct VerifyReport {
  uint64_t files = 0, bytes = 0;      // of the copy
  uint64_t entries = 0, records = 0;  // of the log
  int64_t last_offset = -1;           // of the state
  uint64_t rows = 0;                  // compared with a recompute; 0 unless deep
  bool deep = false;
  std::string state_hash;               // 32 hex digits; "" when the state can't be read
  std::vector<Damage> damage;           // what the log lacks first
  std::vector<std::string> not_looked;  // sentences: what could not be, and why

  bool is_whole() const { return damage.empty(); }
};

// Blocks. `deep`: makes silver, gold and the id index anew from the log in a folder beside the copy, and
// compares them row by row. Throws Cancelled, std::filesystem::filesystem_error; damage is never thrown.
VerifyReport verify(const DataCopy& copy, bool deep, const Watch& watch);

// What to do about it, a sentence with the command.
std::string advice_of(const Damage& damage);
// A JSON object.
std::string json_of(const VerifyReport& report);

}  // namespace lode::admin
