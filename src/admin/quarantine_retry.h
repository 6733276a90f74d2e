// Many quarantined records sent again: those that match filters, as they are or each with the same changes. A
// retry is a record of its own that holds the offset which it retries and has its whole effect or none, and
// the first success closes it: whatever is sent twice after a kill or a change of the leader counts once.
// Retries go through the log, so any node of a cluster may run it.
//
// Threads: one call at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "admin/tasks.h"
#include "env/clock.h"
#include "event/event.h"
#include "query/log_query.h"
#include "query/silver_query.h"
#include "silver/silver.h"

namespace lode::admin {

// Of the generation that serves; `alive` keeps it.
struct RetrySources {
  std::shared_ptr<const void> alive;
  const query::SilverSource& silver;
  const query::LogSource& log;
  const silver::Settings& rules;
};

// What became of one event that was submitted.
struct RetriedItem {
  enum class Status : uint8_t { accepted, quarantined, rejected };
  Status status = Status::accepted;
  std::string code;  // quarantined: the rule
};
struct RetryAnswer {
  std::optional<event::Problem> refusal;  // nothing is known of any of them: look, and try again
  std::vector<RetriedItem> items;         // as the batch's events
};

// All outlive the calls.
struct RetryPlace {
  std::function<RetrySources()> sources;
  // Proposes the events; `done` is called once, on any thread, when they are applied here.
  std::function<void(event::EventBatch batch, std::function<void(RetryAnswer)> done)> submit;
  const env::Clock& clock;
  event::Limits limits;  // of what is sent
};

struct RetryRequest {
  query::Parameters filters;                               // of GET /v1/quarantine
  std::vector<std::pair<std::string, std::string>> edits;  // JSON pointer, JSON value
  bool dry_run = false;
  uint64_t rate = 0;  // records a second at most; 0: no bound
};

std::variant<RetryRequest, Refusal> parse_retry(std::string_view parameters);
// Why it can't be begun: a filter that is none. Any thread.
std::optional<Refusal> check_retry(const RetryPlace& place, const RetryRequest& request);

// Answers how many were looked at, passed and did not, by rule, and the first that did not; "" when the
// control ended it. What came to quarantine after it began is left alone. A dry run proposes nothing: each
// record is judged by the rules themselves (silver/rehearsal.h), as if those before had been retried. Throws
// std::exception with a sentence.
std::string run_retry(const RetryPlace& place, const RetryRequest& request, std::string_view memo,
                      TaskControl& control);

}  // namespace lode::admin
