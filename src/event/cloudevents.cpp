#include "event/cloudevents.h"

#include <algorithm>

#include "event/event_reader.h"
#include "event/json_cursor.h"
#include "event/json_structure.h"
#include "event/json_text.h"

namespace lode::event {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool equal_any_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// The attribute that a header names; "" when it is none.
std::string attribute_of(std::string_view header) {
  if (header.size() < 4 || !equal_any_case(header.substr(0, 3), "ce-")) return {};
  std::string name(header.substr(3));
  std::transform(name.begin(), name.end(), name.begin(), lower);
  return name;
}

int hex(char c) {
  c = lower(c);
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Header values are percent-encoded; what isn't an escape stays as it is.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

bool is_json_media_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  if (type.empty() || equal_any_case(type, "application/json")) return true;
  return type.size() > 5 && equal_any_case(type.substr(type.size() - 5), "+json");
}

bool is_binary_cloudevent(std::span<const Header> headers) {
  return std::any_of(headers.begin(), headers.end(),
                     [](const Header& header) { return attribute_of(header.first) == "specversion"; });
}

std::optional<Problem> write_structured(std::span<const Header> headers, std::string_view data,
                                        std::string& out) {
  JsonStructure structure;
  bool one_value = structure.scan(data);
  if (one_value) {
    auto tokens = structure.tokens();
    JsonCursor cursor(data.data(), tokens.data(), tokens.data() + tokens.size());
    one_value = cursor.skip_value() && cursor.at_end();
  }
  if (!one_value) return Problem{"invalid_json", "", "Send the event as one JSON object in the body."};
  out.assign(1, '{');
  for (const auto& [header, value] : headers) {
    std::string name = attribute_of(header);
    if (name.empty()) continue;
    std::string text = percent_decoded(value);
    if (name == "data" || name == "data_base64" || !is_utf8(name) || !is_utf8(text)) {
      return Problem{"invalid_value", "",
                     "Send CloudEvents headers as percent-encoded UTF-8, and data as the body."};
    }
    append_quoted(out, name);
    out += ':';
    append_quoted(out, text);
    out += ',';
  }
  out += "\"data\":";
  out += data;
  out += '}';
  return std::nullopt;
}

}  // namespace lode::event
