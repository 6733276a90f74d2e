// Two states row by row: which rows only one has, which differ and in what, and what they add up to. Both
// stand still while they are compared.
#pragma once

#include <functional>
#include <string>

#include "admin/tasks.h"
#include "materialize/generation.h"

namespace lode::admin {

struct ComparisonScope {
  bool tables = true, views = true;
  std::string view;  // "" every view
};

// A JSON object: {"same":bool,"parts":[{"name","rows":{"old","new"},"only_old","only_new","changed","totals",
// "examples"}]}. "" when the control ended it. Any one thread. Throws store::Damaged, std::runtime_error.
std::string compare(const materialize::Generation& old_one, const materialize::Generation& new_one,
                    const ComparisonScope& scope, TaskControl& control);

}  // namespace lode::admin
