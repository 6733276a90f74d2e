// Parts that all reads share: the limit, the opaque cursor, filter values. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/result.h"

namespace lode::query {

constexpr uint32_t kDefaultLimit = 1000;
constexpr uint32_t kMaxLimit = 10000;

// `limit`: 1 to 10,000; absent: 1,000.
Answer<uint32_t> parse_limit(const Parameters& parameters);

// Opaque to clients: base64url of a version, a hash of the query it belongs to, the last key returned, a
// checksum. A cursor that is malformed or of another query is a Failure 400 `invalid_cursor`, pointer
// /cursor.
std::string encode_cursor(uint64_t query_hash, std::string_view last_key);
Answer<std::string> decode_cursor(std::string_view cursor, uint64_t query_hash);

const std::string* find_parameter(const Parameters& parameters, std::string_view name);
// One of `known` is nearest to `name` by edit distance; for "did you mean".
std::string nearest(std::string_view name, const std::vector<std::string>& known);

Failure invalid_parameter(std::string_view name, std::string detail);

}  // namespace lode::query
