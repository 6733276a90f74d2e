// The texts that columns keep as numbers: counted ids, times, UUIDs. Each of these gives the very same text
// back, or is not taken. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lode::log {

// "2010-12-01T08:26:00Z" as seconds since 1970; 20 characters, no other form.
std::optional<int64_t> seconds_of(std::string_view text);
void append_seconds(std::string& out, int64_t seconds);

// 36 characters of lower-case hexadecimal and hyphens as 16 bytes.
bool append_uuid_bytes(std::string& out, std::string_view text);
void append_uuid(std::string& out, std::string_view bytes);

// The decimal digits that `text` ends with, 18 at most: where they begin.
size_t digits_at(std::string_view text);
uint64_t digits_value(std::string_view digits);
// `width` 0: as many as it needs.
void append_digits(std::string& out, uint64_t value, size_t width);

}  // namespace lode::log
