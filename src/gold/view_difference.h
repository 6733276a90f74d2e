// What differs between two declarations of a view, and whether who asks the new one as the old one gets the
// same answers. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gold/view.h"

namespace lode::gold {

struct ViewDifference {
  // described: only the description is another one, which changes no row.
  enum class Kind : uint8_t { unchanged, described, changed, added, dropped };
  struct Measures {
    struct Changed {
      std::string name, was, is;  // as in the declarations
    };
    std::vector<std::string> added, removed;  // hidden ones, too
    std::vector<Changed> changed;
  };

  Kind kind = Kind::unchanged;
  std::string name;
  std::optional<uint64_t> version, next_version;  // nothing: it is not there
  std::vector<std::string> keys_added, keys_removed;
  Measures measures;
  // Why an old query is answered otherwise than before, a sentence each; none: it has the same rows, with
  // the same keys and measures in the same columns, and new columns only behind them.
  std::vector<std::string> breaks;

  bool changes_rows() const { return kind != Kind::unchanged && kind != Kind::described; }
  bool is_additive() const { return breaks.empty(); }
};

std::string_view to_string(ViewDifference::Kind kind);

// Of one name; null: there is none before, or none afterwards, but not both.
ViewDifference difference_of(const View* before, const View* after);

}  // namespace lode::gold
