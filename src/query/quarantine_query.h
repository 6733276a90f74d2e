// Reads of the quarantine with what was sent: GET /v1/quarantine?include=event,contact.
#pragma once

#include "query/log_query.h"
#include "query/silver_query.h"

namespace lode::query {

// The table `quarantine`; `include` adds the columns `event` (the record as sent, without contact fields) and
// `contact`. Such a page ends early, with a cursor, once its events have `page_bytes` or too much of the log
// was read for it. Any thread.
Answer<Result> query_quarantine(const SilverSource& source, const LogSource& log,
                                const Parameters& parameters, size_t page_bytes = kLogPageBytes);

}  // namespace lode::query
