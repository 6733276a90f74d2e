#include "wire/openapi.h"

#include <map>

#include "wire/json_text.h"
#include "wire/route.h"

namespace lode::wire {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view json) {
  if (out.back() != '{') out += ',';
  append_json_string(out, name);
  out += ':';
  out += json;
}

std::string_view place(Parameter::In in) {
  switch (in) {
    case Parameter::In::query:
      return "query";
    case Parameter::In::path:
      return "path";
    case Parameter::In::header:
      return "header";
  }
  return "query";
}

std::string render_parameter(const Parameter& parameter) {
  std::string out = "{";
  append_member(out, "name", json_string(parameter.name));
  append_member(out, "in", json_string(place(parameter.in)));
  append_member(out, "required",
                parameter.in == Parameter::In::path || parameter.required ? "true" : "false");
  append_member(out, "description", json_string(parameter.description));
  append_member(out, "schema", parameter.schema);
  return out + "}";
}

std::string schema_reference(std::string_view schema) {
  if (schema.empty()) return "{}";
  return "{\"$ref\":" + json_string("#/components/schemas/" + std::string(schema)) + "}";
}

std::string render_content(const std::vector<std::string_view>& types, std::string_view schema) {
  std::string out = "{";
  for (std::string_view type : types) {
    bool described = type.find("json") != std::string_view::npos && type != "application/x-ndjson";
    append_member(out, type,
                  "{\"schema\":" + (described ? schema_reference(schema) : R"({"type":"string"})") + "}");
  }
  return out + "}";
}

std::string render_answer(const Answer& answer) {
  std::string out = "{";
  append_member(out, "description", json_string(answer.description));
  if (!answer.media_types.empty())
    append_member(out, "content", render_content(answer.media_types, answer.schema));
  return out + "}";
}

std::string render_operation(const Route& route) {
  std::string out = "{", parameters = "[", answers = "{";
  append_member(out, "operationId", json_string(route.name));
  append_member(out, "summary", json_string(route.summary));
  for (const Parameter& parameter : route.parameters) {
    if (parameters.size() > 1) parameters += ',';
    parameters += render_parameter(parameter);
  }
  append_member(out, "parameters", parameters + "]");
  if (!route.body_types.empty()) {
    append_member(out, "requestBody",
                  std::string("{\"required\":") + (route.body_required ? "true" : "false") +
                      ",\"content\":" + render_content(route.body_types, route.body_schema) + "}");
  }
  for (const Answer& answer : route.answers) {
    append_member(answers, std::to_string(answer.status), render_answer(answer));
  }
  append_member(answers, "default",
                R"({"description":"An error.","content":{"application/problem+json":{"schema":)" +
                    schema_reference("Problem") + "}}}");
  append_member(out, "responses", answers + "}");
  return out + "}";
}

std::string render_document() {
  std::map<std::string_view, std::string> paths;
  for (const Route& route : routes()) {
    std::string& path = paths.try_emplace(route.path, "{").first->second;
    append_member(path, route.method == Method::post ? "post" : "get", render_operation(route));
  }
  std::string listed = "{";
  for (const auto& [path, operations] : paths) append_member(listed, path, operations + "}");
  std::string out = "{";
  append_member(out, "openapi", "\"3.1.0\"");
  append_member(out, "info",
                R"({"title":"Lode","version":")" LODE_VERSION
                R"(","description":"An event-sourced storage service for e-commerce: )"
                R"(events in, silver tables and gold aggregates out."})");
  append_member(out, "paths", listed + "}");
  append_member(out, "components", "{\"schemas\":" + openapi_schemas() + "}");
  return out + "}\n";
}

}  // namespace

const std::string& openapi_text() {
  static const std::string kText = render_document();
  return kText;
}

}  // namespace lode::wire
