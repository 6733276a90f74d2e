#pragma once

namespace lode::node {

inline constexpr const char* kVersion = LODE_VERSION;

}  // namespace lode::node
