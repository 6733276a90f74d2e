#include "log/entry_key.h"

namespace lode::log {
namespace {

template <typename T>
void put(char* to, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) to[i] = static_cast<char>(value >> (8 * (sizeof(T) - 1 - i)));
}

template <typename T>
T get(const char* from) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value << 8 | static_cast<uint8_t>(from[i]));
  return value;
}

template <typename T>
std::string fixed(T value) {
  std::string bytes(sizeof(T), '\0');
  put(bytes.data(), value);
  return bytes;
}

template <typename T>
std::optional<T> parse_fixed(std::string_view bytes) {
  if (bytes.size() != sizeof(T)) return std::nullopt;
  return get<T>(bytes.data());
}

}  // namespace

EntryKey entry_key(record::GroupId group, uint64_t index) {
  EntryKey key;
  put(key.data(), group.value);
  put(key.data() + 4, index);
  return key;
}

std::optional<KeyParts> parse_entry_key(std::string_view key) {
  if (key.size() != sizeof(EntryKey)) return std::nullopt;
  return KeyParts{{get<uint32_t>(key.data())}, {get<uint64_t>(key.data() + 4)}};
}

EntryHeader entry_header(record::Term term, EntryType type) {
  EntryHeader header;
  put(header.data(), term.value);
  header[8] = static_cast<char>(type);
  return header;
}

std::optional<HeaderParts> parse_entry_header(std::string_view bytes) {
  if (bytes.size() != sizeof(EntryHeader)) return std::nullopt;
  const auto type = static_cast<uint8_t>(bytes[8]);
  if (type < static_cast<uint8_t>(EntryType::batch) || type > static_cast<uint8_t>(EntryType::control)) {
    return std::nullopt;
  }
  return HeaderParts{{get<uint64_t>(bytes.data())}, static_cast<EntryType>(type)};
}

std::string fixed32(uint32_t value) { return fixed(value); }
std::string fixed64(uint64_t value) { return fixed(value); }
std::optional<uint32_t> parse_fixed32(std::string_view bytes) { return parse_fixed<uint32_t>(bytes); }
std::optional<uint64_t> parse_fixed64(std::string_view bytes) { return parse_fixed<uint64_t>(bytes); }

}  // namespace lode::log
