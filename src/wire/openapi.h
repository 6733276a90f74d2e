// GET /openapi.json: OpenAPI 3.1, written from the route table that the router matches. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace lode::wire {

const std::string& openapi_text();
// The body of "components"/"schemas": what the route table's schema names refer to.
std::string_view openapi_schemas();

}  // namespace lode::wire
