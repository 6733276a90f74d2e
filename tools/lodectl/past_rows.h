// Rows of a state of the past in a folder on this machine, without any server.
#pragma once

#include <string>

#include "lodectl/rows.h"

namespace lode::lodectl {

// As print_rows() prints what a server answers. Throws Failed.
int print_past_rows(const Context& context, const std::string& folder, const std::string& what, bool silver,
                    const RowsRequest& request);

}  // namespace lode::lodectl
