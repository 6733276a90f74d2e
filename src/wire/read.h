// The road of every read: choose the media type, wait until the state is new enough, take room for the
// answer, run the query (on the loop when it is a point read, else on the query pool), then ETag, rendering,
// answer.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "query/result.h"
#include "wire/exchange.h"
#include "wire/site.h"

namespace lode::wire {

struct Read {
  // Any thread; `parameters` without what says how new it has to be.
  std::function<query::Answer<query::Result>(const Site& site, const query::Parameters& parameters)> run;
  // When set, `run` may answer megabytes, and needs this much room; this is called instead when there is
  // none: it stops after `bytes`, and its answer goes out if it is small after all.
  uint64_t room = 0;
  std::function<query::Answer<query::Result>(const Site& site, const query::Parameters& parameters,
                                             size_t bytes)>
      run_within = nullptr;
  bool point = false;          // short enough for the loop
  bool takes_seconds = false;  // waits for others of its kind, and they alone for it
  bool tagged = true;          // has an ETag
};

// Loop thread. Answers the exchange.
void answer_read(const std::shared_ptr<Site>& site, ExchangePtr exchange, Read read);

bool wants_event_stream(const Request& request);

// Loop thread. Takes min_offset, consistency and wait_ms out of the exchange's parameters, waits, then calls
// `then`; or answers 400 or 503 (`not_caught_up`, `no_leader`).
void when_fresh(const std::shared_ptr<Site>& site, ExchangePtr exchange,
                std::function<void(ExchangePtr)> then);

// Says where the state stands now, unless the answer says where it stood. Any thread.
void say_position(const Site& site, Response& response);

// The refusal of reads (503 `not_ready`) while the log is replayed or the state rebuilt: what is there then
// is not what anybody was told. Any thread.
std::optional<Response> refuse_unready(const Site& site);

// Age of the oldest committed record that is not applied yet; 0 when none waits.
int64_t lag_millis(const Site& site);

}  // namespace lode::wire
