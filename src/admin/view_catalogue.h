// The views of a node as its catalogue shows them: those that serve, those that are built, and how far that
// is. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gold/view.h"
#include "materialize/succession.h"

namespace lode::admin {

struct CatalogueEntry {
  // building: it is answered once it is built; until then there is no view of its name. changing, dropping:
  // it is answered as it was until then.
  enum class State : uint8_t { serving, building, changing, dropping };
  gold::View view;  // as it serves; of one that is only built, as it is built
  State state = State::serving;
  std::optional<gold::View> next;  // of one that changes
};

struct ViewCatalogue {
  std::vector<CatalogueEntry> entries;  // by name
  uint64_t ruleset_hash = 0;
  std::optional<materialize::BuildStatus> build;
  const CatalogueEntry* find(std::string_view name) const;
};

// `serving`: of the generation that serves. `in_force` is asked for descriptions alone; null is as good.
ViewCatalogue catalogue_of(const std::vector<gold::View>& serving, const materialize::Ruleset* in_force,
                           const materialize::Ruleset* next, std::optional<materialize::BuildStatus> build);

std::string_view to_string(CatalogueEntry::State state);

// How far a build is: "stage", "done", "total", "unit", "percent", "per_second", "seconds_left", "trouble",
// as of a task.
std::string progress_json(const materialize::BuildStatus& build);
// "43 % (1200 of 2800 records, 100000/s, 1 s left)", or why it stands still.
std::string progress_text(const materialize::BuildStatus& build);

}  // namespace lode::admin
