// What a change of the views comes to, in words: the answer of POST /v1/admin/views/{check|apply|drop}.
#pragma once

#include <iosfwd>
#include <string_view>

namespace lode::lodectl {

// Throws Failed for an answer that is none.
void print_view_report(std::string_view answer, std::ostream& out);

}  // namespace lode::lodectl
