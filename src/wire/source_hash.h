// "sha256-…" of inline text, for a Content-Security-Policy. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace lode::wire {

std::string source_hash(std::string_view text);

}  // namespace lode::wire
