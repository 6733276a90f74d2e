#include "event/white_space.h"

#include <cstdint>

namespace lode::event {

size_t space_at(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  uint8_t first = byte(0);
  if (first == ' ' || (first >= 9 && first <= 13)) return 1;
  if (first < 0xc2) return 0;
  uint8_t second = byte(1), third = byte(2);
  if (first == 0xc2) return second == 0x85 || second == 0xa0 ? 2 : 0;  // NEL, NBSP
  if (first == 0xe1) return second == 0x9a && third == 0x80 ? 3 : 0;   // U+1680
  if (first == 0xe3) return second == 0x80 && third == 0x80 ? 3 : 0;   // U+3000
  if (first != 0xe2) return 0;
  if (second == 0x81) return third == 0x9f ? 3 : 0;  // U+205F
  if (second != 0x80) return 0;
  return (third >= 0x80 && third <= 0x8a) || third == 0xa8 || third == 0xa9 || third == 0xaf ? 3 : 0;
}

bool is_blank(std::string_view text) {
  if (text.empty()) return false;
  for (size_t space; !text.empty(); text.remove_prefix(space)) {
    space = space_at(text);
    if (space == 0) return false;
  }
  return true;
}

}  // namespace lode::event
