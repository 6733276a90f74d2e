// Tasks over HTTP: bodies are checked by the table of kinds, and the routes show what the tasks are.
#include <gtest/gtest.h>
#include <simdjson.h>

#include "wire/admin_kinds.h"
#include "wire/route.h"
#include "wire/target.h"

namespace lode::wire {
namespace {

using Type = KindMember::Type;

const AdminKind kKind{"mend",
                      "/v1/admin/mend",
                      "mend",
                      "Mend",
                      "Mends.",
                      {{"what", Type::text, "Say what.", true},
                       {"often", Type::whole, "How often."},
                       {"dry_run", Type::truth, "Only say."},
                       {"parts", Type::texts, "Which."},
                       {"with", Type::object, "With what."}}};

std::string code(std::string_view body) {
  const auto parsed = parse_parameters(kKind, body);
  if (const auto* wrong = std::get_if<event::Problem>(&parsed)) return wrong->code + " " + wrong->pointer;
  return "ok";
}

TEST(AdminKinds, ABodyIsCheckedMemberByMember) {
  EXPECT_EQ(code(R"({"what":"a","often":3,"dry_run":true,"parts":["x","y"],"with":{}})"), "ok");
  EXPECT_EQ(code(R"({"what":1})"), "invalid_value /what");
  EXPECT_EQ(code(R"({"what":"a","often":-1})"), "invalid_value /often");
  EXPECT_EQ(code(R"({"what":"a","often":18446744073709551615})"), "invalid_value /often");
  EXPECT_EQ(code(R"({"what":"a","often":1.5})"), "invalid_value /often");
  EXPECT_EQ(code(R"({"what":"a","dry_run":1})"), "invalid_value /dry_run");
  EXPECT_EQ(code(R"({"what":"a","parts":["x",1]})"), "invalid_value /parts");
  EXPECT_EQ(code(R"({"what":"a","with":[]})"), "invalid_value /with");
  EXPECT_EQ(code(R"({"what":"a","what":"b"})"), "invalid_value /what");
  EXPECT_EQ(code(R"({"what":"a","wth":{}})"), "unknown_member /wth");
  EXPECT_EQ(code(""), "missing_field /what");
  EXPECT_EQ(code("[]"), "invalid_type ");
  EXPECT_EQ(code("{"), "invalid_json ");
}

TEST(AdminKinds, AWrongNameIsAnsweredWithTheNearest) {
  const auto parsed = parse_parameters(kKind, R"({"dryrun":true})");
  EXPECT_NE(std::get<event::Problem>(parsed).detail.find("'dry_run'"), std::string::npos);
}

TEST(AdminKinds, EachHasItsRouteAndItsSchema) {
  simdjson::dom::parser parser;
  const simdjson::dom::element schemas = parser.parse(simdjson::padded_string("{" + admin_schemas() + "}"));
  for (const AdminKind& kind : admin_kinds()) {
    const Match match = match_route(Method::post, parse_target(kind.path)->segments);
    ASSERT_NE(match.route, nullptr) << kind.path;
    EXPECT_EQ(match.route->name, kind.operation);
    const simdjson::dom::object members = schemas[kind.schema]["properties"];
    EXPECT_EQ(members.size(), kind.members.size()) << kind.name;
  }
}

}  // namespace
}  // namespace lode::wire
