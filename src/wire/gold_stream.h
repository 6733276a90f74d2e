// GET /v1/gold/{view} as server-sent events: the rows of the query, then each row that changed (`row`) or
// went
// (`removed`), as they change. Loop thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gold/view.h"
#include "query/result.h"
#include "wire/exchange.h"
#include "wire/site.h"

namespace lode::wire {

void stream_gold(const std::shared_ptr<Site>& site, ExchangePtr exchange, const gold::View& view);

// What a reader of a view has been sent: a row's key as JSON -> the row as JSON. Pure; one thread at a time.
class RowChanges {
 public:
  explicit RowChanges(std::vector<std::string> key_names) : key_names_(std::move(key_names)) {}
  // Server-sent events for what differs from the result before; "" when nothing does.
  std::string next(const query::Result& result);

 private:
  std::vector<std::string> key_names_;
  std::map<std::string, std::string> sent_;
};

}  // namespace lode::wire
