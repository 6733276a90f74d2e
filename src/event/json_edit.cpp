#include "event/json_edit.h"

#include <simdjson.h>

#include "event/json_text.h"

namespace lode::event {

namespace {

namespace ondemand = simdjson::ondemand;

// Where the value lies in the text; nothing: there is none.
std::optional<std::string_view> find(ondemand::parser& parser, const simdjson::padded_string& text,
                                     const std::string& pointer) {
  ondemand::document document;
  std::string_view raw;
  if (parser.iterate(text).get(document)) return std::nullopt;
  if (pointer.empty()) {
    if (document.raw_json().get(raw)) return std::nullopt;
    return raw;
  }
  ondemand::value value;
  if (document.at_pointer(pointer).get(value)) return std::nullopt;
  ondemand::json_type type;
  if (value.type().get(type)) return std::nullopt;
  if (type == ondemand::json_type::object || type == ondemand::json_type::array) {
    ondemand::object object;
    ondemand::array array;
    simdjson::error_code error = type == ondemand::json_type::object ? value.get(object) : value.get(array);
    if (!error)
      error = type == ondemand::json_type::object ? object.raw_json().get(raw) : array.raw_json().get(raw);
    if (error) return std::nullopt;
  } else {
    raw = value.raw_json_token();  // with the white space behind it
  }
  while (!raw.empty() &&
         (raw.back() == ' ' || raw.back() == '\n' || raw.back() == '\r' || raw.back() == '\t'))
    raw.remove_suffix(1);
  return raw;
}

std::string unescaped(std::string_view token) {
  std::string name;
  for (size_t i = 0; i < token.size(); ++i) {
    const bool escape =
        token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    name += escape ? (token[++i] == '0' ? '~' : '/') : token[i];
  }
  return name;
}

}  // namespace

std::optional<std::string> edit_json(std::string_view json, std::string_view pointer,
                                     std::string_view value) {
  if (pointer.empty() || pointer[0] != '/') return std::nullopt;
  simdjson::dom::parser whole;
  const simdjson::padded_string text(json), new_value(value);
  if (whole.parse(new_value).error()) return std::nullopt;
  if (whole.parse(text).error()) return std::nullopt;
  ondemand::parser parser;
  auto replace = [&](std::string_view raw, std::string_view by) {
    const auto at = static_cast<size_t>(raw.data() - text.data());
    return std::string(json.substr(0, at)) + std::string(by) + std::string(json.substr(at + raw.size()));
  };
  if (auto found = find(parser, text, std::string(pointer))) return replace(*found, value);
  const size_t slash = pointer.rfind('/');
  auto parent = find(parser, text, std::string(pointer.substr(0, slash)));
  if (!parent || parent->empty() || (*parent)[0] != '{') return std::nullopt;
  std::string object = "{";
  append_quoted(object, unescaped(pointer.substr(slash + 1)));
  object += ':';
  object += value;
  std::string_view rest = parent->substr(1);
  const size_t first = rest.find_first_not_of(" \n\r\t");
  if (first != std::string_view::npos && rest[first] != '}') object += ',';
  return replace(*parent, object + std::string(rest));
}

}  // namespace lode::event
