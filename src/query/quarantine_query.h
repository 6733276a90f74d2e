// Reads of the quarantine: GET /v1/quarantine, its groups, and one record with its history.
#pragma once

#include "query/log_query.h"
#include "query/silver_query.h"

namespace lode::query {

// The table `quarantine`; `include` adds the columns `event` (the record as sent, without contact fields) and
// `contact`. Such a page ends early, with a cursor, once its events have `page_bytes` or too much of the log
// was read for it. `received_at=FROM..TO` keeps records that came in then, by the batches of the log; what is
// not in the log any more came before. Any thread.
Answer<Result> query_quarantine(const SilverSource& source, const LogSource& log,
                                const Parameters& parameters, size_t page_bytes = kLogPageBytes);

// With `group_by` (rule, source, type, day of occurrence in UTC): how many there are of each, the first and
// last time that they occurred, the first and last offset, and how many were retried. The same filters; the
// largest group first. 422 `too_many_groups` beyond 10,000.
Answer<Result> query_quarantine_groups(const SilverSource& source, const LogSource& log,
                                       const Parameters& parameters);

// One record: its row with the JSON pointer of what the rule refuses, and what to do; the event as sent; and
// as the table `history` its retries, also when one has closed it (status `closed`). `include=contact`. 404
// `not_quarantined` when it is not there and was never retried.
Answer<Result> query_quarantined_record(const SilverSource& source, const LogSource& log, uint64_t offset,
                                        const Parameters& parameters);

}  // namespace lode::query
