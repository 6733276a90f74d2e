#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"

namespace lode::lodectl {
namespace {

void print_members(simdjson::dom::object object, const std::string& prefix);

// Named elements by their name, others by their place.
void print_array(simdjson::dom::array array, const std::string& name) {
  size_t place = 0;
  for (simdjson::dom::element element : array) {
    simdjson::dom::object object;
    std::string_view key;
    if (element.get(object)) {
      std::cout << name << ": " << simdjson::minify(array) << "\n";
      return;
    }
    std::string own = object["name"].get(key) ? std::to_string(place) : std::string(key);
    print_members(object, name + "." + own + ".");
    ++place;
  }
}

void print_members(simdjson::dom::object object, const std::string& prefix) {
  for (auto [key, value] : object) {
    std::string name = prefix + std::string(key);
    simdjson::dom::object inner;
    simdjson::dom::array array;
    std::string_view text;
    if (!value.get(inner)) {
      print_members(inner, name + ".");
    } else if (!value.get(array)) {
      print_array(array, name);
    } else if (value.is_null() || (!value.get(text) && text.empty())) {
      continue;  // nothing to say
    } else if (value.is_string()) {
      std::cout << name << ": " << std::string_view(value) << "\n";
    } else {
      std::cout << name << ": " << simdjson::minify(value) << "\n";
    }
  }
}

int status(const Context& context) {
  HttpClient client(context.url);
  HttpAnswer answer = client.get("/v1/status");
  require_success(answer);
  HttpAnswer ready = client.get("/readyz?verbose");
  if (context.json) {
    std::cout << answer.body << "\n";
  } else {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(answer.body).get(object)) throw Failed("the server's status is no JSON object");
    std::cout << "ready: " << (ready.ok() ? "yes" : "no, " + ready.body) << "\n";
    print_members(object, "");
  }
  return ready.ok() ? kDone : kFailed;
}

}  // namespace

void add_status(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("status", "Is the server ready, and how far is it");
  command->footer(R"(
Exit code 1 when the server answers but is not ready, 3 when it does not answer.

Examples:
  lodectl status
  lodectl status --json --url http://10.0.0.5:7070)");
  command->callback([&context] { context.run = [&context] { return status(context); }; });
}

}  // namespace lode::lodectl
