// Any bytes as what parses a request's head: its target, Accept, Content-Type.
#include <array>
#include <cstdint>
#include <string_view>

#include "event_invariants.h"
#include "wire/accept.h"
#include "wire/media_type.h"
#include "wire/target.h"

namespace {

using lode::fuzz::require;

void check_target(std::string_view text) {
  const auto target = lode::wire::parse_target(text);
  if (!target) return;
  require(text.starts_with('/'), "a target begins with a slash");
  for (const std::string& segment : target->segments)
    require(segment.find('\0') == std::string::npos, "no NUL in a segment");
  for (const auto& [name, value] : target->parameters)
    require((name + value).find('\0') == std::string::npos, "no NUL in a parameter");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_target(text);
  constexpr std::array<std::string_view, 3> kOffered{"application/json", "application/x-ndjson", "text/csv"};
  const auto best = lode::wire::negotiate(text, kOffered);
  require(!best || *best < kOffered.size(), "the best is one of those offered");
  if (const auto type = lode::wire::parse_media_type(text)) {
    require(type->name.find('/') != std::string::npos, "a media type has two halves");
    require(type->name == lode::wire::lower_case(type->name), "its name is in lower case");
    for (const auto& [name, value] : type->parameters)
      require(type->parameter(name) != nullptr, "a parameter is found by its name");
  }
  return 0;
}
