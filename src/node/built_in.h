// The views and mappings that come with the program: the files of config/, made part of it by the build.
#pragma once

#include <span>
#include <string_view>

namespace lode::node {

struct BuiltIn {
  std::string_view name;  // "daily_sales.toml"
  std::string_view text;
};

std::span<const BuiltIn> built_in_views();
std::span<const BuiltIn> built_in_mappings();

}  // namespace lode::node
