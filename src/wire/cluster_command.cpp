#include "wire/cluster_command.h"

#include <simdjson.h>

#include <optional>
#include <set>
#include <string>

#include "env/address.h"
#include "wire/command_body.h"

namespace lode::wire {
namespace {

using Member = CommandShape::Member;

event::Problem problem(std::string code, std::string_view member, std::string detail) {
  return {std::move(code), pointer_to(member), std::move(detail)};
}

std::optional<event::Problem> take_id(simdjson::dom::element value, uint64_t& id) {
  if (value.get(id) == simdjson::SUCCESS && id > 0 && id <= UINT32_MAX) return std::nullopt;
  return problem("invalid_value", "id", "An id is a whole number from 1 to 4294967295.");
}

std::optional<event::Problem> take_address(simdjson::dom::element value, std::string& address) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    auto parsed = env::parse_address(text);
    if (parsed && parsed->port > 0) {
      address = text;
      return std::nullopt;
    }
  }
  return problem("invalid_value", "address", "An address is \"IP:port\", such as \"10.0.0.4:7072\".");
}

std::string what_it_takes(const CommandShape& shape) {
  if (shape.address != Member::none) return "id and address";
  return shape.id != Member::none ? "id" : "no members";
}

std::optional<event::Problem> take_member(const CommandShape& shape, std::string_view name,
                                          simdjson::dom::element value, ClusterCommand& command) {
  if (name == "id" && shape.id != Member::none) return take_id(value, command.id);
  if (name == "address" && shape.address != Member::none) return take_address(value, command.address);
  return problem("unknown_member", name,
                 "'" + std::string(shape.name) + "' takes " + what_it_takes(shape) + ".");
}

}  // namespace

std::variant<ClusterCommand, event::Problem> parse_command(const CommandShape& shape, std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body.data(), body.size()).get(root))
    return event::Problem{"invalid_json", "", "Send one JSON object; {} when it has no members."};
  simdjson::dom::object object;
  if (root.get(object)) return event::Problem{"invalid_type", "", "Send a JSON object."};
  ClusterCommand command;
  command.name = shape.name;
  std::set<std::string_view> seen;
  for (auto [name, value] : object) {
    if (!seen.insert(name).second) return problem("invalid_value", name, "Send each member once.");
    if (auto wrong = take_member(shape, name, value, command)) return *wrong;
  }
  if (shape.id == Member::required && command.id == 0)
    return problem("missing_field", "id", "Say which node: \"id\".");
  if (shape.address == Member::required && command.address.empty())
    return problem("missing_field", "address", "Say where the node listens for others: \"address\".");
  return command;
}

}  // namespace lode::wire
