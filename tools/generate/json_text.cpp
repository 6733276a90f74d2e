#include "generate/json_text.h"

#include <charconv>
#include <cmath>

namespace lode::generate {

JsonText& JsonText::open(std::string_view key, char bracket) {
  start(key);
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonText& JsonText::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

void JsonText::start(std::string_view key) {
  if (!first_) out_ += ',';
  first_ = false;
  if (key.empty()) return;
  quoted(key);
  out_ += ':';
}

void JsonText::quoted(std::string_view value) {
  static constexpr char kHex[] = "0123456789abcdef";
  out_ += '"';
  for (char c : value) {
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out_ += "\\u00";
      out_ += kHex[(c >> 4) & 15];
      out_ += kHex[c & 15];
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

JsonText& JsonText::text(std::string_view key, std::string_view value) {
  start(key);
  quoted(value);
  return *this;
}

JsonText& JsonText::number(std::string_view key, int64_t value) {
  start(key);
  out_ += std::to_string(value);
  return *this;
}

JsonText& JsonText::decimal(std::string_view key, double value, int digits) {
  start(key);
  if (!std::isfinite(value)) {
    out_ += "null";
    return *this;
  }
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, digits);
  if (end.ec == std::errc()) {
    out_.append(buffer, end.ptr);
  } else {
    out_ += "null";
  }
  return *this;
}

JsonText& JsonText::raw(std::string_view key, std::string_view json) {
  start(key);
  out_ += json;
  return *this;
}

}  // namespace lode::generate
