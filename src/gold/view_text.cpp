// View -> TOML, canonical: one text for what view_parser.cpp reads as the same view.
#include <array>
#include <cstdio>

#include "gold/view.h"

namespace lode::gold {
namespace {

// By number.
constexpr std::array kTypes = {"sum", "distinct", "first", "last", "difference", "ratio", "share", "rank"};
constexpr std::array kOperands = {"quantity", "amount", "discount", "net_amount"};
constexpr std::array kMembers = {"order", "customer"};
constexpr std::array kKinds = {"", "sale", "return", "free", "adjustment", "fee"};

template <typename Texts>
std::string list_of(const Texts& texts) {
  std::string out = "[";
  for (const auto& text : texts) out += (out.size() > 1 ? ", " : "") + toml_quoted(text);
  return out + "]";
}

std::string kinds_of(KindMask mask) {
  std::vector<std::string_view> names;
  for (size_t kind = 1; kind < kKinds.size(); ++kind) {
    if (mask & bit(static_cast<silver::Kind>(kind))) names.emplace_back(kKinds[kind]);
  }
  return list_of(names);
}

std::string operand_of(const Measure& measure) {
  switch (measure.type) {
    case Measure::Type::sum:
      return toml_quoted(kOperands.at(static_cast<size_t>(measure.operand)));
    case Measure::Type::distinct:
      return toml_quoted(kMembers.at(static_cast<size_t>(measure.member)));
    case Measure::Type::first_day:
    case Measure::Type::last_day:
      return toml_quoted("day");
    case Measure::Type::share:
      return toml_quoted(measure.of.front());
    case Measure::Type::difference:
    case Measure::Type::ratio:
    case Measure::Type::rank:
      break;
  }
  return list_of(measure.of);
}

}  // namespace

std::string toml_quoted(std::string_view text) {
  std::string out = "\"";
  for (char letter : text) {
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(letter));
      out += escaped;
    } else {
      out += letter;
    }
  }
  return out + '"';
}

std::string to_toml(const Measure& measure) {
  std::string out = "{ name = " + toml_quoted(measure.name) + ", " +
                    kTypes.at(static_cast<size_t>(measure.type)) + " = " + operand_of(measure);
  if (measure.type <= Measure::Type::last_day) out += ", kinds = " + kinds_of(measure.kinds);
  if (!measure.within.empty()) out += ", within = " + list_of(measure.within);
  if (measure.hidden) out += ", hidden = true";
  return out + " }";
}

std::string to_toml(const View& view) {
  std::vector<std::string_view> keys;
  for (Column key : view.keys) keys.push_back(to_string(key));
  std::string out = "name = " + toml_quoted(view.name) + "\n";
  if (!view.description.empty()) out += "description = " + toml_quoted(view.description) + "\n";
  out += "source = \"order_lines\"\n";
  if (view.known_customers) out += "filter = { customer = \"known\" }\n";
  out += "keys = " + list_of(keys) + "\nmeasures = [\n";
  for (const Measure& measure : view.measures) out += "  " + to_toml(measure) + ",\n";
  return out + "]\n";
}

}  // namespace lode::gold
