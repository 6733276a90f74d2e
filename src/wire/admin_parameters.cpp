#include <simdjson.h>

#include <algorithm>
#include <set>

#include "query/page.h"
#include "wire/admin_kinds.h"
#include "wire/command_body.h"
#include "wire/json_text.h"

namespace lode::wire {
namespace {

using Type = KindMember::Type;

event::Problem problem(std::string code, std::string_view member, std::string detail) {
  return {std::move(code), pointer_to(member), std::move(detail)};
}

bool is_texts(simdjson::dom::element value) {
  simdjson::dom::array array;
  if (value.get(array)) return false;
  return std::all_of(array.begin(), array.end(), [](auto one) { return one.is_string(); });
}

bool fits(Type type, simdjson::dom::element value) {
  switch (type) {
    case Type::text:
      return value.is_string();
    case Type::whole:
      return value.is_uint64() && uint64_t(value) <= static_cast<uint64_t>(INT64_MAX);
    case Type::truth:
      return value.is_bool();
    case Type::texts:
      return is_texts(value);
    case Type::object:
      return value.is_object();
  }
  return false;
}

std::string_view wanted(Type type) {
  switch (type) {
    case Type::text:
      return "Send a string.";
    case Type::whole:
      return "Send a whole number from 0.";
    case Type::truth:
      return "Send true or false.";
    case Type::texts:
      return "Send an array of strings.";
    case Type::object:
      return "Send an object.";
  }
  return "";
}

std::string_view schema_of(Type type) {
  switch (type) {
    case Type::text:
      return R"("type":"string")";
    case Type::whole:
      return R"("type":"integer","minimum":0)";
    case Type::truth:
      return R"("type":"boolean","default":false)";
    case Type::texts:
      return R"("type":"array","items":{"type":"string"})";
    case Type::object:
      return R"("type":"object")";
  }
  return "";
}

std::string names_hint(const AdminKind& kind, std::string_view given) {
  if (kind.members.empty()) return "It takes no members.";
  std::vector<std::string> names;
  for (const KindMember& member : kind.members) names.emplace_back(member.name);
  return "It has no such member; did you mean '" + query::nearest(std::string(given), names) + "'?";
}

std::string schema_of(const AdminKind& kind) {
  std::string properties, required;
  for (const KindMember& member : kind.members) {
    properties += (properties.empty() ? "" : ",") + json_string(member.name) + ":{" +
                  std::string(schema_of(member.type)) +
                  ",\"description\":" + json_string(member.description) + "}";
    if (member.required) required += (required.empty() ? "" : ",") + json_string(member.name);
  }
  return json_string(kind.schema) + R"(:{"type":"object","additionalProperties":false,"properties":{)" +
         properties + "}" + (required.empty() ? "" : ",\"required\":[" + required + "]") + "}";
}

constexpr std::string_view kTaskSchemas =
    R"json("Task":{"type":"object","required":["id","kind","state","parameters","started_by","started_at","ended_at","runs","progress","cancelling","result","error"],"properties":{"id":{"type":"string"},"kind":{"type":"string"},"state":{"enum":["running","done","failed","cancelled","interrupted"],"description":"interrupted: it goes on when the server is ready again."},"parameters":{"type":"object"},"started_by":{"type":"string"},"started_at":{"type":"string","format":"date-time"},"ended_at":{"type":["string","null"],"format":"date-time"},"runs":{"type":"integer","description":"How often it was begun: 1, and one more each time that it went on after a stop or a kill."},"progress":{"type":"object","description":"Of the stage that it is in.","properties":{"stage":{"type":"string"},"done":{"type":"integer"},"total":{"type":"integer","description":"0: not known"},"unit":{"type":"string"},"percent":{"type":["number","null"]},"per_second":{"type":["number","null"]},"seconds_left":{"type":["integer","null"]}}},"cancelling":{"type":"boolean"},"result":{"type":["object","null"]},"error":{"type":["string","null"]}}},
"Tasks":{"type":"object","required":["tasks"],"properties":{"tasks":{"type":"array","items":{"$ref":"#/components/schemas/Task"}}}})json";

}  // namespace

std::variant<std::string, event::Problem> parse_parameters(const AdminKind& kind, std::string_view body) {
  if (body.empty()) body = "{}";
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body.data(), body.size()).get(root))
    return event::Problem{"invalid_json", "", "Send one JSON object."};
  simdjson::dom::object object;
  if (root.get(object)) return event::Problem{"invalid_type", "", "Send a JSON object."};
  std::set<std::string_view> seen;
  for (auto [name, value] : object) {
    if (!seen.insert(name).second) return problem("invalid_value", name, "Send each member once.");
    const auto member = std::find_if(kind.members.begin(), kind.members.end(),
                                     [given = name](const KindMember& one) { return one.name == given; });
    if (member == kind.members.end()) return problem("unknown_member", name, names_hint(kind, name));
    if (!fits(member->type, value)) return problem("invalid_value", name, std::string(wanted(member->type)));
  }
  for (const KindMember& member : kind.members)
    if (member.required && !seen.contains(member.name))
      return problem("missing_field", member.name, std::string(member.description));
  return simdjson::minify(object);
}

std::string admin_schemas() {
  std::string out(kTaskSchemas);
  for (const AdminKind& kind : admin_kinds()) out += ",\n" + schema_of(kind);
  return out;
}

}  // namespace lode::wire
