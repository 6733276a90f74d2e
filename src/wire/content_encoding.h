// Content-Encoding of request bodies: gzip and zstd. What comes out is bounded while it comes out, so a small
// body can't blow up in memory. Pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "query/result.h"

namespace lode::wire {

// Replaces `body` by its decoded form (with kBodyPadding bytes of spare capacity) when `encoding` asks for
// it. A failure: 415 `unsupported_encoding`, 400 `invalid_encoding` (damaged or cut off), 413
// `body_too_large` (more than `limit`).
std::optional<query::Failure> decode_content(std::string_view encoding, uint64_t limit,
                                             std::shared_ptr<std::string>& body);

}  // namespace lode::wire
