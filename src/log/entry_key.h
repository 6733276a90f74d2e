// The bytes of the log's keys and header values, as in FORMAT.md. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "log/log.h"

namespace lode::log {

// Group, then index, big-endian: sorted by group, then by index.
using EntryKey = std::array<char, 12>;
EntryKey entry_key(record::GroupId group, uint64_t index);
inline std::string_view view(const EntryKey& key) { return {key.data(), key.size()}; }
struct KeyParts {
  record::GroupId group;
  record::EntryIndex index;
};
std::optional<KeyParts> parse_entry_key(std::string_view key);

// Term, big-endian, then the entry's type.
using EntryHeader = std::array<char, 9>;
EntryHeader entry_header(record::Term term, EntryType type);
struct HeaderParts {
  record::Term term;
  EntryType type;
};
std::optional<HeaderParts> parse_entry_header(std::string_view bytes);

// Big-endian numbers as values of their own.
std::string fixed32(uint32_t value);
std::string fixed64(uint64_t value);
std::optional<uint32_t> parse_fixed32(std::string_view bytes);
std::optional<uint64_t> parse_fixed64(std::string_view bytes);

}  // namespace lode::log
