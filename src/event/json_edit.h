// A change to one place of a JSON text; the rest stays byte for byte. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lode::event {

// The text with `value` (JSON) at `pointer` (RFC 6901) in the place of what is there; a member that its
// object does not have is added. Nothing: the text is no JSON, or the pointer leads nowhere.
std::optional<std::string> edit_json(std::string_view json, std::string_view pointer, std::string_view value);

}  // namespace lode::event
