// A change of the views, from what somebody sends to the ruleset that is to be announced: declarations are
// read and compared with those in force. Pure; any thread. What comes of it goes through the log
// (materialize/succession.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "admin/tasks.h"
#include "gold/view_difference.h"
#include "materialize/ruleset.h"

namespace lode::admin {

struct ViewChange {
  struct Declaration {
    std::string file;  // for the words of an error
    std::string text;
  };
  std::vector<Declaration> declarations;  // added, or in the place of the views of their names
  std::vector<std::string> drop;
  bool dry_run = false;                  // only say what would come of it
  std::optional<uint64_t> ruleset = {};  // refused unless this one is in force
};

// The body of POST /v1/admin/views/{check|apply|drop}: one JSON object. A problem: 400, with a pointer.
std::variant<ViewChange, event::Problem> parse_view_change(std::string_view action, std::string_view body);

struct PlannedViews {
  materialize::Ruleset ruleset;                   // that is to hold
  std::vector<gold::ViewDifference> differences;  // of the views that were named
  bool changes_rows() const;                      // something has to be built
  bool changes_anything() const;
  bool is_additive() const;
};

// Refused: 400 `invalid_view` (every sentence, a line each), 404 `unknown_view` to drop.
std::variant<PlannedViews, Refusal> plan_views(const materialize::Ruleset& in_force,
                                               const ViewChange& change);

// Whether what is planned can be built, and from what.
struct BuildPlan {
  uint64_t records = 0;  // to go through, from offset 0 on
  std::string why_not;   // a sentence; "" when it can be
};

// The JSON object that check, apply and drop answer.
std::string json_of(const PlannedViews& planned, const BuildPlan& build, uint64_t in_force, bool dry_run);

}  // namespace lode::admin
