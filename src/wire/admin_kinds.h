// The kinds of tasks that POST /v1/admin/<kind> starts: what each takes, for the check of a body and for
// /openapi.json alike. What a kind does is registered with admin::Tasks under the same name.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/problem.h"

namespace lode::wire {

struct KindMember {
  enum class Type : uint8_t { text, whole, truth, texts, object };
  std::string_view name;
  Type type = Type::text;
  std::string_view description;
  bool required = false;
};

struct AdminKind {
  std::string_view name;       // "replay"
  std::string_view path;       // "/v1/admin/replay"
  std::string_view operation;  // "replay": operationId
  std::string_view schema;     // "Replay": of the body
  std::string_view summary;
  std::vector<KindMember> members;
};

const std::vector<AdminKind>& admin_kinds();

// The body as the task's parameters, one JSON object. A problem: 400, with a pointer to the member. Pure.
std::variant<std::string, event::Problem> parse_parameters(const AdminKind& kind, std::string_view body);

// The schemas of all kinds' bodies and of tasks: members of components/schemas, without the braces.
std::string admin_schemas();

}  // namespace lode::wire
