// What is asked of the views, and what is planned: declarations, drops, sentences.
#include "admin/view_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "admin/view_catalogue.h"

namespace lode::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using State = CatalogueEntry::State;

std::string declared(const std::string& name, const std::string& operand = "quantity") {
  return "name = \"" + name +
         "\"\nsource = \"order_lines\"\nkeys = [\"sku\", \"currency\"]\nmeasures = [ { name = "
         "\"m\", sum = \"" +
         operand + "\", kinds = [\"sale\"] } ]\n";
}

materialize::Ruleset rules(const std::vector<std::string>& views) {
  materialize::Ruleset out;
  for (const std::string& name : views) out.views.push_back(gold::parse_view(declared(name), name));
  return out;
}

std::string code(std::string_view action, std::string_view body) {
  const auto parsed = parse_view_change(action, body);
  const auto* wrong = std::get_if<event::Problem>(&parsed);
  return wrong ? wrong->code + " " + wrong->pointer : "ok";
}

Refusal refusal(const materialize::Ruleset& in_force, const ViewChange& change) {
  auto planned = plan_views(in_force, change);
  return std::get<Refusal>(std::move(planned));
}

std::vector<std::string> names(const materialize::Ruleset& ruleset) {
  std::vector<std::string> out;
  for (const gold::View& view : ruleset.views) out.push_back(view.name);
  return out;
}

TEST(ViewChange, ABodyIsCheckedMemberByMember) {
  EXPECT_EQ(code("apply", R"({"declarations":[{"text":"x"}],"dry_run":true,"ruleset":"00ff"})"), "ok");
  EXPECT_EQ(code("check", R"({"declarations":[{"file":"a","text":"x"}]})"), "ok");
  EXPECT_EQ(code("drop", R"({"views":["a"]})"), "ok");
  EXPECT_EQ(code("apply", "{}"), "missing_field /declarations");
  EXPECT_EQ(code("drop", "{}"), "missing_field /views");
  EXPECT_EQ(code("apply", R"({"declarations":[]})"), "invalid_value /declarations");
  EXPECT_EQ(code("apply", R"({"declarations":[{"file":"a"}]})"), "missing_field /declarations/0/text");
  EXPECT_EQ(code("apply", R"({"declarations":[{"text":"x"},{"text":1}]})"),
            "invalid_value /declarations/1/text");
  EXPECT_EQ(code("apply", R"({"declarations":[{"txt":"x"}]})"), "unknown_member /declarations/0/txt");
  EXPECT_EQ(code("apply", R"({"declarations":["x"]})"), "invalid_value /declarations/0");
  EXPECT_EQ(code("check", R"({"declarations":[{"text":"x"}],"dry_run":true})"), "unknown_member /dry_run");
  EXPECT_EQ(code("apply", R"({"views":["a"]})"), "unknown_member /views");
  EXPECT_EQ(code("drop", R"({"views":["a",1]})"), "invalid_value /views/1");
  EXPECT_EQ(code("drop", R"({"views":["a"],"ruleset":"zz"})"), "invalid_value /ruleset");
  EXPECT_EQ(code("drop", R"({"views":["a"],"views":["b"]})"), "invalid_value /views");
  EXPECT_EQ(code("drop", "[]"), "invalid_type ");
  EXPECT_EQ(code("drop", "{"), "invalid_json ");
}

TEST(ViewChange, ViewsAreAddedReplacedAndDroppedByName) {
  const auto in_force = rules({"b", "d"});
  const auto planned =
      plan_views(in_force, {{{"c.toml", declared("c")}, {"d.toml", declared("d", "amount")}}, {"b"}});
  const auto& views = std::get<PlannedViews>(planned);
  EXPECT_THAT(names(views.ruleset), ElementsAre("c", "d"));
  ASSERT_EQ(views.differences.size(), 3u);
  EXPECT_EQ(views.differences[0].kind, gold::ViewDifference::Kind::added);
  EXPECT_EQ(views.differences[1].kind, gold::ViewDifference::Kind::changed);
  EXPECT_EQ(views.differences[2].kind, gold::ViewDifference::Kind::dropped);
  EXPECT_TRUE(views.changes_rows());
  EXPECT_FALSE(views.is_additive());
  const auto same = plan_views(in_force, {{{"b", declared("b")}}, {}});
  EXPECT_FALSE(std::get<PlannedViews>(same).changes_anything());
  EXPECT_EQ(std::get<PlannedViews>(same).ruleset.encode(), in_force.encode());
}

TEST(ViewChange, EveryBadDeclarationIsTold) {
  const auto refused = refusal(rules({}), {{{"a.toml", declared("a")},
                                            {"b.toml", declared("b", "quantty")},
                                            {"", "name = \n"},
                                            {"d.toml", declared("a")}},
                                           {}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.problem.code, "invalid_view");
  EXPECT_EQ(refused.problem.pointer, "/declarations/1/text");
  EXPECT_THAT(refused.problem.detail,
              HasSubstr("b.toml:4: unknown sum `quantty`; did you mean `quantity`?\n"));
  EXPECT_THAT(refused.problem.detail, HasSubstr("\ndeclaration 3:1: "));
  EXPECT_THAT(refused.problem.detail, HasSubstr("\nd.toml: the view `a` is declared twice; rename one"));
}

TEST(ViewChange, WhatIsNotThereIsNotDropped) {
  const auto refused = refusal(rules({"sales"}), {{}, {"sale"}});
  EXPECT_EQ(refused.status, 404);
  EXPECT_EQ(refused.problem.detail, "there is no view `sale` to drop; did you mean `sales`?");
  EXPECT_EQ(refusal(rules({"sales"}), {{}, {"sales", "sales"}}).problem.code, "unknown_view");
}

TEST(ViewChange, TheAnswerIsJson) {
  const auto in_force = rules({"b"});
  const auto planned = std::get<PlannedViews>(plan_views(in_force, {{{"b", declared("b", "amount")}}, {}}));
  simdjson::dom::parser parser;
  const simdjson::dom::element out =
      parser.parse(json_of(planned, {7, "a \"reason\""}, in_force.hash(), false));
  EXPECT_FALSE(bool(out["done"]));
  EXPECT_EQ(uint64_t(out["build"]["records"]), 7u);
  EXPECT_EQ(std::string_view(out["build"]["why_not"]), "a \"reason\"");
  EXPECT_EQ(std::string_view(out["views"].at(0)["measures"]["changed"].at(0)["name"]), "m");
}

TEST(ViewCatalogue, SaysWhatComesOfEachView) {
  auto in_force = rules({"goes", "other", "stays"}), next = rules({"comes", "stays"});
  next.views.push_back(gold::parse_view(declared("other", "amount"), ""));
  in_force.views[2].description = "new words";
  materialize::BuildStatus build;
  build.entry = {10};
  build.of = {1000};
  build.records = 25;
  build.of_records = 100;
  build.records_a_second = 25;
  const auto all = catalogue_of(rules({"goes", "other", "stays"}).views, &in_force, &next, build);
  EXPECT_EQ(all.find("comes")->state, State::building);
  EXPECT_EQ(all.find("goes")->state, State::dropping);
  EXPECT_EQ(all.find("other")->state, State::changing);
  EXPECT_EQ(all.find("other")->next->version, next.views[2].version);
  EXPECT_EQ(all.find("stays")->state, State::serving);
  EXPECT_EQ(all.find("stays")->view.description, "new words");
  EXPECT_EQ(all.find("nothing"), nullptr);
  EXPECT_EQ(progress_text(build), "25 % (25 of 100 records, 25/s, 3 s left)");
  EXPECT_THAT(progress_json(build),
              HasSubstr(R"("percent":25.0,"per_second":25,"seconds_left":3,"trouble":null)"));
  build.trouble = "no";
  EXPECT_EQ(progress_text(build), "stopped: no");
}

}  // namespace
}  // namespace lode::admin
