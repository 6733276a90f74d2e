// What the engine answers, in the public types. Pure; any thread.
#pragma once

#include "ingest/ingest.h"
#include "lode/engine.h"
#include "query/result.h"

namespace lode::embed {

Refusal refusal_of(int status, event::Problem problem, uint32_t retry_after_seconds = 0);
AppendResult append_result(ingest::Answer answer);
Rows rows_of(query::Answer<query::Result> answer);
// Of a row of a page of the log that is no gap, whose columns query/log_query.h says.
Record record_of(const std::vector<query::Value>& row);

}  // namespace lode::embed
