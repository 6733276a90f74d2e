// Members of a task's parameters: JSON that was checked when the task began. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lode::admin {

// What is not there is "", `otherwise`, false. Throw std::runtime_error for what is no JSON object.
std::string text_in(std::string_view parameters, std::string_view name);
uint64_t number_in(std::string_view parameters, std::string_view name, uint64_t otherwise);
bool flag_in(std::string_view parameters, std::string_view name);

}  // namespace lode::admin
