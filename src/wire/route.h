// The route table: what the router matches and /openapi.json describes, so that the two can't differ.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "wire/exchange.h"
#include "wire/site.h"

namespace lode::wire {

struct Parameter {
  enum class In : uint8_t { query, path, header };
  In in = In::query;
  std::string_view name;
  std::string_view schema;  // JSON Schema
  std::string_view description;
  bool required = false;
  bool columns = false;  // stands for one parameter a column; the query of the view or table knows them
};

struct Answer {
  int status = 200;
  std::string_view description;
  std::string_view schema = "";  // name under #/components/schemas; "" for none
  std::vector<std::string_view> media_types = {};
};

struct Route {
  Method method = Method::get;  // a GET route answers HEAD too
  std::string_view path;        // "/v1/gold/{view}"
  std::string_view name;        // operationId and metrics label
  std::string_view summary = "";
  std::vector<Parameter> parameters = {};
  std::vector<Answer> answers = {};
  std::vector<std::string_view> body_types = {};  // of the request body; empty: takes none
  std::string_view body_schema = "";
  bool body_required = true;
  bool is_read = false;  // every answer says where the state stood (Lode-Applied-Offset), refusals too
  // Called on the session's loop. Answers the exchange now or later, exactly once.
  void (*handle)(const std::shared_ptr<Site>& site, ExchangePtr exchange) = nullptr;
};

// Every route, in the order in which they are described.
const std::vector<Route>& routes();

struct Match {
  const Route* route = nullptr;  // null: see `allowed`
  std::vector<std::string> captures;
  std::string allowed;  // of a known path, for Allow; "" when the path is unknown
};
Match match_route(Method method, std::span<const std::string> segments);

// 400 `unknown_parameter` for a query parameter that the route does not have.
std::optional<query::Failure> refuse_unknown(const Route& route, const query::Parameters& parameters);

}  // namespace lode::wire
