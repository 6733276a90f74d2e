#include <cstdint>
#include <stdexcept>

#include "event/mapping.h"
#include "event_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    auto mapping = lode::event::parse_mapping({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
    lode::fuzz::require(!mapping.fields.empty() && !mapping.event_id.empty(), "a mapping maps");
    lode::event::columns_of(mapping);
  } catch (const std::runtime_error& error) {
    lode::fuzz::require(std::string_view(error.what()).starts_with("fuzz.toml"), "an error names the file");
  }
  return 0;
}
