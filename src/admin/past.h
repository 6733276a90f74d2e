// A state of the past in a folder of its own, as time_travel.h makes it: rows to read, without log and
// server. Bytes: FORMAT.md.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "materialize/generation.h"

namespace lode::admin {

// What the folder says of itself, in past.json.
struct PastMark {
  int64_t offset = -1;  // the last record in it
  int64_t record_micros = 0, made_micros = 0;
  std::string secret;   // 16 bytes: of the ids' hashes
  std::string ruleset;  // its text
};

// Whether that folder holds a past state, perhaps one that this program can't read.
bool is_past(const std::filesystem::path& folder);
// Durable when it returns: from then on it is one. Throws std::system_error.
void mark_past(const std::filesystem::path& folder, const PastMark& mark);

// Nothing is written to the folder; several programs may have it open.
class Past {
 public:
  // Throws std::runtime_error with a sentence, store::Damaged.
  explicit Past(const std::filesystem::path& folder);
  ~Past();

  const PastMark& mark() const;
  const store::Hasher& hasher() const;
  const std::shared_ptr<materialize::Generation>& generation() const;

  static std::filesystem::path state_in(const std::filesystem::path& folder) { return folder / "state"; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::admin
