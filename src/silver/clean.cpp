#include "silver/clean.h"

#include <algorithm>
#include <cstdint>

namespace lode::silver {

namespace {

// How many bytes of white space `text` begins with; 0: none.
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

bool is_clean(std::string_view text) {
  bool after_space = true;
  for (size_t i = 0; i < text.size(); ++i) {
    uint8_t byte = static_cast<uint8_t>(text[i]);
    if (byte == ' ') {
      if (after_space) return false;
      after_space = true;
      continue;
    }
    if ((byte < 32 || byte >= 0xc2) && space_at(text.substr(i)) > 0) return false;
    after_space = false;
  }
  return text.empty() || !after_space;
}

bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }

}  // namespace

bool collapse_space(std::string_view text, std::string& out) {
  if (is_clean(text)) return false;
  std::string cleaned;
  bool owed = false;
  for (size_t i = 0; i < text.size();) {
    if (size_t space = space_at(text.substr(i))) {
      owed = !cleaned.empty();
      i += space;
      continue;
    }
    if (owed) cleaned.push_back(' ');
    owed = false;
    cleaned.push_back(text[i++]);
  }
  out = std::move(cleaned);
  return true;
}

bool upper_ascii(std::string_view text, std::string& out) {
  if (std::none_of(text.begin(), text.end(), is_lower)) return false;
  std::string upper(text);
  for (char& letter : upper) {
    if (is_lower(letter)) letter = static_cast<char>(letter - 'a' + 'A');
  }
  out = std::move(upper);
  return true;
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lower;
}

}  // namespace lode::silver
