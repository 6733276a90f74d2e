// Reads of the log: GET /v1/log?from=&limit= and /v1/log/{offset}. Contact data only when `include=contact`
// is asked for.
#pragma once

#include "log/log.h"
#include "query/result.h"
#include "sequence/batch_index.h"
#include "store/state.h"

namespace lode::query {

constexpr size_t kLogPageBytes = 4u << 20;

struct LogSource {
  const store::State& state;
  const log::Log& log;
  const sequence::BatchIndex& index;
  std::function<Position()> position;  // called with the state's mutex held (shared)
};

// Columns: offset, received_at, format, event (the record as sent, RawJson; FlatBuffers records as their JSON
// form), retry_of, contact (when asked for). Parameters: from (default 0), limit, include. Rows in order of
// offset; a page ends after `limit` rows or once its records have `page_bytes`, at least one row; next_cursor
// is unused: go on with from = last offset + 1 while that is not past as_of_offset. Where compaction dropped
// records, one row is a Gap, with as many of them as follow each other. Any thread.
Answer<Result> query_log(const LogSource& source, const Parameters& parameters,
                         size_t page_bytes = kLogPageBytes);
// The first offset whose record is in entry `first` or behind it; the next one to come when none is.
uint64_t first_offset_from(const LogSource& source, record::EntryIndex first);
// The one row, a Gap of that offset where it was dropped. 404 `unknown_offset` past the end, 410 `truncated`
// below the first that is left.
Answer<Result> query_log_record(const LogSource& source, uint64_t offset, const Parameters& parameters);

}  // namespace lode::query
