#include "silver/clean.h"

#include <algorithm>
#include <cstdint>

#include "event/white_space.h"

namespace lode::silver {

namespace {

using event::space_at;

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
