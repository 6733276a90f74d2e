// What a node is at, for those who watch it.
#pragma once

#include <string>

#include "node/engine.h"
#include "node/vigil.h"

namespace lode::node {

// One line of a node that is ready: "serving, applied up to offset 19; running: backup". Any thread.
std::string at_work(const Engine& engine);

// Takes the state's mutex as a reader does: who hangs while it has it hangs this, too.
Vigil::Subject::Work apply_work(const Engine& engine);

}  // namespace lode::node
