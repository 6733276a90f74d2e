// Weak entity tags of reads: the query, the rules, the view's version, and the offset that last changed the
// view. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "query/result.h"

namespace lode::wire {

// W/"…": the same for the same query (its parameters in any order) as long as nothing in the view changed and
// the rows are made by the same rules.
std::string make_etag(std::string_view path, query::Parameters parameters, std::string_view media_type,
                      const query::Result& result, uint64_t rules_hash);
// If-None-Match: a list of tags, or "*". Weak comparison.
bool etag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace lode::wire
