// loded.toml(5), from the list of the configuration's keys.
#pragma once

#include <ostream>

namespace lode::pages {

void write_config_page(std::ostream& out);

}  // namespace lode::pages
