// One page of a silver table: collects the rows that a filter keeps, up to the limit, and looks at a few
// at a time, by number and size, under the state's mutex, so that apply never waits long. One thread.
#pragma once

#include <functional>
#include <string>

#include "query/silver_query.h"
#include "query/silver_request.h"

namespace lode::query {

class SilverPage {
 public:
  SilverPage(const SilverSource& source, const TableShape& shape, const SilverRequest& request);

  // Calls `scan` with the mutex held (shared) and the key to go on behind ("" from the start) until the table
  // or the page ends. `scan` visits rows in the order of their keys with offer() or skip(), and returns when
  // one says false. A page ends early, with a cursor, when too many rows were looked at in vain.
  void read(const std::function<void(const std::string& after, const silver::Tables& tables)>& scan);

  bool offer(std::string key, std::vector<Value> row);
  bool skip(std::string key);
  // Before either: what lies behind the row is so large.
  void weigh(size_t bytes) { bytes_in_lock_ += bytes; }

  Result result() { return std::move(result_); }

 private:
  static constexpr uint32_t kRowsPerLock = 1000;
  static constexpr size_t kBytesPerLock = 64 << 10;  // packed
  static constexpr uint32_t kMaxLooked = 500'000;

  const SilverSource& source_;
  const SilverRequest& request_;
  Result result_;
  std::string last_;           // the last key looked at
  std::string last_returned_;  // the last key whose row is in the page
  uint32_t looked_ = 0, looked_in_lock_ = 0;
  size_t bytes_in_lock_ = 0;
  bool stopped_ = false;  // by offer() or skip(): there may be more
  bool full_ = false;     // one more row than the limit was found
};

}  // namespace lode::query
