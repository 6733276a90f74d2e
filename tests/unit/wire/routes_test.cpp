// The route table: what the router matches is what /openapi.json describes.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <set>

#include "wire/dashboard.h"
#include "wire/openapi.h"
#include "wire/route.h"
#include "wire/target.h"

namespace lode::wire {
namespace {

Match match(Method method, const char* path) { return match_route(method, parse_target(path)->segments); }

TEST(Router, Matches) {
  auto found = match(Method::get, "/v1/silver/orders/536%2F365");
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.route->name, "readSilverRow");
  EXPECT_EQ(found.captures, (std::vector<std::string>{"orders", "536/365"}));
  EXPECT_EQ(match(Method::head, "/").route->name, "dashboard");
  EXPECT_EQ(match(Method::get, "/v1/silver/order_lines/1/0").route->name, "readOrderLine");
  EXPECT_EQ(match(Method::post, "/v1/quarantine/1/retry").route->name, "retryQuarantined");
}

TEST(Router, SaysWhatIsAllowed) {
  EXPECT_EQ(match(Method::get, "/v1/events").allowed, "POST, OPTIONS");
  EXPECT_EQ(match(Method::post, "/v1/status").allowed, "GET, HEAD, OPTIONS");
  for (const char* path : {"/v1", "/v1/", "/v1/gold", "/v1/gold/", "/v1/gold/a/b", "//", "/livez/"}) {
    auto found = match(Method::get, path);
    EXPECT_EQ(found.route, nullptr) << path;
    EXPECT_EQ(found.allowed, "") << path;
  }
}

TEST(OpenApi, DescribesEveryRouteAndNothingElse) {
  simdjson::dom::parser parser;
  simdjson::dom::element document = parser.parse(simdjson::padded_string(openapi_text()));
  EXPECT_EQ(std::string_view(document["openapi"]), "3.1.0");
  std::set<std::pair<std::string, std::string>> described, routed;
  for (auto [path, operations] : simdjson::dom::object(document["paths"])) {
    for (auto [method, operation] : simdjson::dom::object(operations)) {
      described.emplace(path, method);
      EXPECT_GT(simdjson::dom::object(operation["responses"]).size(), 0u);
    }
  }
  for (const Route& route : routes()) {
    routed.emplace(route.path, route.method == Method::post ? "post" : "get");
    ASSERT_NE(route.handle, nullptr);
    EXPECT_FALSE(route.summary.empty()) << route.name;
  }
  EXPECT_EQ(described, routed);
  EXPECT_EQ(routed.size(), routes().size());
}

// The query parameters that a route's description names; `columns` when it takes any column of a table.
struct Described {
  std::set<std::string> names;
  bool columns = false;
};

Described described_parameters(simdjson::dom::element document, const Route& route) {
  Described described;
  simdjson::dom::element operation =
      document["paths"].at_key(route.path).at_key(route.method == Method::post ? "post" : "get");
  for (simdjson::dom::element parameter : simdjson::dom::array(operation["parameters"])) {
    if (std::string_view(parameter["in"]) != "query") continue;
    simdjson::dom::element others;
    if (parameter["schema"]["additionalProperties"].get(others) == simdjson::SUCCESS) {
      described.columns = true;
    } else {
      described.names.emplace(std::string_view(parameter["name"]));
    }
  }
  return described;
}

TEST(OpenApi, TheParametersThatARouteTakesAreThoseThatAreDescribed) {
  simdjson::dom::parser parser;
  simdjson::dom::element document = parser.parse(simdjson::padded_string(openapi_text()));
  std::set<std::string> names = {"colour", "", "filter", "From", "view", "table", "offset", "If-None-Match"};
  for (const Route& route : routes()) names.merge(described_parameters(document, route).names);
  size_t taken = 0, with_columns = 0;
  for (const Route& route : routes()) {
    Described described = described_parameters(document, route);
    with_columns += described.columns;
    for (const std::string& name : names) {
      auto failure = refuse_unknown(route, {{name, "x"}});
      bool expected = described.columns || described.names.contains(name);
      EXPECT_EQ(!failure, expected) << route.name << " " << name;
      taken += expected;
      if (!failure) continue;
      EXPECT_EQ(failure->status, 400);
      EXPECT_EQ(failure->problem.code, "unknown_parameter");
      EXPECT_EQ(failure->problem.pointer, "/" + name);
    }
    EXPECT_FALSE(refuse_unknown(route, {})) << route.name;
  }
  EXPECT_GT(taken, 30u);
  EXPECT_EQ(with_columns,
            3u);  // readGold, explainGold, readSilver: what they take is the view's or the table's
}

TEST(OpenApi, AParameterIsFoundAmongGoodOnes) {
  auto found = match(Method::get, "/v1/log");
  EXPECT_FALSE(refuse_unknown(*found.route, {{"from", "1"}, {"min_offset", "2"}, {"wait_ms", "3"}}));
  auto failure = refuse_unknown(*found.route, {{"from", "1"}, {"limt", "2"}});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->problem.pointer, "/limt");
  EXPECT_NE(failure->problem.detail.find("did you mean 'limit'?"), std::string::npos);
}

TEST(OpenApi, EveryReadSaysWhereTheStateStands) {
  for (const Route& route : routes()) {
    bool waits = false;
    for (const Parameter& parameter : route.parameters) waits |= parameter.name == "min_offset";
    EXPECT_EQ(route.is_read, waits) << route.name;
  }
}

TEST(OpenApi, EveryPathParameterAndSchemaIsThere) {
  simdjson::dom::parser parser;
  simdjson::dom::element schemas = parser.parse(simdjson::padded_string(openapi_schemas()));
  std::set<std::string> names;
  for (const Route& route : routes()) {
    EXPECT_TRUE(names.emplace(route.name).second) << route.name;
    size_t in_path = 0, described = 0;
    for (char c : route.path) in_path += c == '{';
    for (const Parameter& parameter : route.parameters) {
      simdjson::dom::parser schema;
      EXPECT_EQ(schema.parse(simdjson::padded_string(parameter.schema)).error(), simdjson::SUCCESS)
          << parameter.name;
      if (parameter.in != Parameter::In::path) continue;
      ++described;
      EXPECT_NE(route.path.find("{" + std::string(parameter.name) + "}"), std::string_view::npos)
          << parameter.name;
    }
    EXPECT_EQ(in_path, described) << route.path;
    bool known = route.body_schema.empty() || schemas[route.body_schema].error() == simdjson::SUCCESS;
    EXPECT_TRUE(known) << route.body_schema;
    for (const Answer& answer : route.answers) {
      if (answer.schema.empty()) continue;
      EXPECT_EQ(schemas[answer.schema].error(), simdjson::SUCCESS) << answer.schema;
    }
  }
}

TEST(Dashboard, NeedsNothingFromOutside) {
  std::string page(dashboard_html());
  EXPECT_EQ(page.find("http://"), std::string::npos);
  EXPECT_EQ(page.find("https://"), std::string::npos);
  EXPECT_NE(std::string(dashboard_policy()).find("script-src 'sha256-"), std::string::npos);
}

}  // namespace
}  // namespace lode::wire
