// Rows as JSON, NDJSON and CSV. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "query/result.h"

namespace lode::wire {

void append_value_json(std::string& out, const query::Value& value);
// One row as an object, without line breaks; a gap of the log as {"gap":{"from":…,"to":…}}.
void append_row_json(std::string& out, const std::vector<std::string>& columns,
                     const std::vector<query::Value>& row);

// {"as_of_offset":…,"as_of_time":…,"lag_ms":…,"view":…,"view_version":…}; the
// last two for gold and for silver's tables (whose version is 0), not for the log.
std::string render_meta(const query::Result& result, int64_t lag_millis);
// {"meta":{…},"rows":[…],"next_cursor":"…"}, with the result's members and parts before the rows
std::string render_json(const query::Result& result, int64_t lag_millis);
std::string render_ndjson(const query::Result& result);
// RFC 4180 with a header line. Cells are data as it is: nothing is put before '=', '+', '-' or '@'.
std::string render_csv(const query::Result& result);

}  // namespace lode::wire
