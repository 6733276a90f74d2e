// GET /v1/gold/{view} as server-sent events: the rows of the query, then each row that changed (`row`) or
// went (`removed`), as they change. All rows, not a page: a `limit` is what the reader wants to see of them.
// A query of too many rows is refused (422 `too_many_rows`), a stream beyond kGoldStreams too (429). Changes
// for which there is no room wait for it; the first reading is refused then (503). Loop
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gold/view.h"
#include "query/result.h"
#include "wire/exchange.h"
#include "wire/site.h"

namespace lode::wire {

void stream_gold(const std::shared_ptr<Site>& site, ExchangePtr exchange, const gold::View& view);

// What a reader of a view has been sent. A view is read page by page: add() each, then finish(). Pure; one
// thread at a time.
class RowChanges {
 public:
  explicit RowChanges(std::vector<std::string> key_names) : key_names_(std::move(key_names)) {}

  void add(const query::Result& page);
  size_t rows() const { return now_.size(); }  // of the pages added
  size_t bytes() const { return bytes_; }      // their size as JSON
  // Server-sent events for what differs from the reading before; "" when nothing does. Their id is the
  // position of the first page: what the other pages are ahead of it comes again. Nothing: `fits` said no to
  // so many bytes, and it is as if the pages had not been added.
  std::optional<std::string> finish(const std::function<bool(size_t bytes)>& fits);

 private:
  using Rows = std::map<std::string, uint64_t>;  // a row's key as JSON -> hash of the row as JSON

  const std::vector<std::string> key_names_;
  Rows sent_, now_;
  std::optional<int64_t> offset_;
  size_t bytes_ = 0;
  std::string out_;
};

}  // namespace lode::wire
