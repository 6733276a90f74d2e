// The ruleset: everything but the records that determines rows. A value, with a text that the log and the
// nodes exchange: the same text for the same rules, so that its hash names them. Pure; any thread.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "gold/view.h"
#include "gold/zone_rules.h"
#include "silver/silver.h"

namespace lode::materialize {

// What this program itself adds to the rules: the rows' version, country names and codes. Another value, and
// it makes other rows of the same records and settings.
uint64_t program_rules();

struct Ruleset {
  silver::Settings silver;
  std::vector<gold::View> views;
  gold::ZoneRules zone;                // the reporting time zone and what its data said
  uint64_t program = program_rules();  // of the program it was made for

  // Stored with the state: rows of another hash are other rows. Of this program's own rules, whatever
  // `program` says.
  uint64_t hash() const;
  // Of the same but the views: of two rulesets that are equal in it a view of one version has the same rows,
  // and keys the same numbers.
  uint64_t rules_hash() const;
  // Format: src/materialize/FORMAT.md.
  std::string encode() const;
  // Throws InvalidRuleset with a sentence.
  static Ruleset decode(std::string_view text);
};

class InvalidRuleset : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace lode::materialize
