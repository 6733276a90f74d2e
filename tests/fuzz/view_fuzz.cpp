// Any text as a view's declaration: a view that can run, or an error that names the file.
#include <cstdint>
#include <string_view>

#include "event_invariants.h"
#include "gold/plan.h"
#include "gold/view.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using lode::fuzz::require;
  try {
    const auto view = lode::gold::parse_view({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
    require(!view.name.empty() && !view.keys.empty() && !view.measures.empty(),
            "a view has keys and measures");
    const lode::gold::Plan plan(view);
    require(plan.keys == view.keys.size() && plan.sources.size() == view.measures.size(),
            "every measure has its source");
  } catch (const lode::gold::InvalidView& error) {
    require(std::string_view(error.what()).starts_with("fuzz.toml"), "an error names the file");
  }
  return 0;
}
