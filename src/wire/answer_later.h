// Answers that are made on the query pool, because they may read the disk.
#pragma once

#include <functional>

#include "wire/exchange.h"
#include "wire/query_pool.h"

namespace lode::wire {

// Loop thread. `make` runs on the pool; when the pool is full the answer is 429.
void answer_later(QueryPool& pool, ExchangePtr exchange, std::function<Response()> make);

}  // namespace lode::wire
