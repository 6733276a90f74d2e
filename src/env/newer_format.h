// What is said of something on the disk that a newer program wrote: which format it has, and which this one
// knows. Pure.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace lode::env {

// "the list of generations has format 2, written by a newer program; this one reads up to format 1: start the
// newer one"
inline std::string newer_format(std::string_view what, uint64_t found, uint64_t known) {
  return std::string(what) + " has format " + std::to_string(found) +
         ", written by a newer program; this one reads up to format " + std::to_string(known) +
         ": start the newer one";
}

// Of a text that begins with a name and its format, "lode-backup 2": the format; 0 when it does not.
inline uint64_t format_behind(std::string_view name, std::string_view text) {
  if (!text.starts_with(name) || text.size() < name.size() + 2 || text[name.size()] != ' ') return 0;
  uint64_t format = 0;
  std::from_chars(text.data() + name.size() + 1, text.data() + text.size(), format);
  return format;
}

}  // namespace lode::env
