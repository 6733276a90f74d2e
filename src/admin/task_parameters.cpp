#include "admin/task_parameters.h"

#include <simdjson.h>

#include <stdexcept>

namespace lode::admin {

namespace {

template <typename Value, typename Wire>
Value member(std::string_view parameters, std::string_view name, Value otherwise) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(parameters.data(), parameters.size()).get(object))
    throw std::runtime_error("the task's parameters can't be read");
  Wire value;
  return object[name].get(value) ? otherwise : Value(value);
}

}  // namespace

std::string text_in(std::string_view parameters, std::string_view name) {
  return member<std::string, std::string_view>(parameters, name, "");
}
uint64_t number_in(std::string_view parameters, std::string_view name, uint64_t otherwise) {
  return member<uint64_t, uint64_t>(parameters, name, otherwise);
}
bool flag_in(std::string_view parameters, std::string_view name) {
  return member<bool, bool>(parameters, name, false);
}

}  // namespace lode::admin
