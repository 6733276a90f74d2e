// GET /openapi.json: OpenAPI 3.1, written from the route table that the router matches. Any thread.
#pragma once

#include <string>

namespace lode::wire {

const std::string& openapi_text();
// The body of "components"/"schemas": what the route table's schema names refer to.
const std::string& openapi_schemas();

}  // namespace lode::wire
