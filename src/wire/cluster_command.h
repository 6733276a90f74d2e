// The body of POST /v1/admin/cluster/{command}: one JSON object of the members that the command takes, and no
// others. Pure; any thread.
#pragma once

#include <string_view>
#include <variant>

#include "event/problem.h"
#include "wire/cluster_services.h"

namespace lode::wire {

struct CommandShape {
  enum class Member : uint8_t { none, optional, required };
  std::string_view name;
  Member id = Member::none;
  Member address = Member::none;
};

constexpr CommandShape kInit{"init"};
constexpr CommandShape kAdd{"add", CommandShape::Member::required, CommandShape::Member::required};
constexpr CommandShape kPromote{"promote", CommandShape::Member::required};
constexpr CommandShape kRemove{"remove", CommandShape::Member::required};
constexpr CommandShape kTransfer{"transfer", CommandShape::Member::optional};
// The id says who is meant to go on alone: whoever else is asked refuses.
constexpr CommandShape kUnsafeRecover{"unsafe-recover", CommandShape::Member::required};
constexpr CommandShape kFinalize{"finalize"};

// A problem: 400, with a pointer to the member.
std::variant<ClusterCommand, event::Problem> parse_command(const CommandShape& shape, std::string_view body);

}  // namespace lode::wire
