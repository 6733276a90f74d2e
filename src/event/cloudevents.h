// CloudEvents 1.0 over HTTP. Structured and batched mode are JSON bodies (json.h with Format::cloudevents);
// binary mode, where the attributes are `ce-` headers and the body is the data, is written as a structured
// event here, and goes the same road. `id`, `source`, `type` (its last dot segment) and `time` stand for what
// the data doesn't say.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "event/problem.h"

namespace lode::event {

using Header = std::pair<std::string_view, std::string_view>;

// Whether the headers (names in any case) make a request one in binary mode.
bool is_binary_cloudevent(std::span<const Header> headers);

// The structured form of a binary-mode request. `data` goes in as it is. Headers that aren't `ce-` ones
// are left out. An answer: the data is not one JSON value, or a header is not UTF-8.
std::optional<Problem> write_structured(std::span<const Header> headers, std::string_view data,
                                        std::string& out);

}  // namespace lode::event
