#include "wire/retry_route.h"

#include <mutex>
#include <utility>

#include "query/log_query.h"
#include "query/quarantine_advice.h"
#include "query/silver_query.h"
#include "wire/answer_later.h"
#include "wire/events_body.h"
#include "wire/failure_log.h"
#include "wire/json_text.h"
#include "wire/leader_redirect.h"
#include "wire/problem.h"
#include "wire/read.h"
#include "wire/read_routes.h"
#include "wire/write_answer.h"

namespace lode::wire {
namespace {

// One retry of a record at a time: the second one would be accepted, and be without effect. Released before
// the answer goes out: who has read it may ask again.
class Claim {
 public:
  Claim(std::shared_ptr<Site> site, uint64_t offset) : site_(std::move(site)), offset_(offset) {
    std::lock_guard lock(site_->retry_mutex);
    held_ = site_->retrying.insert(offset).second;
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() { release(); }
  // Any thread, but one at a time.
  void release() {
    std::lock_guard lock(site_->retry_mutex);
    if (std::exchange(held_, false)) site_->retrying.erase(offset_);
  }
  bool held() const { return held_; }
  uint64_t offset() const { return offset_; }

 private:
  const std::shared_ptr<Site> site_;
  const uint64_t offset_;
  bool held_ = false;
};
using ClaimPtr = std::shared_ptr<Claim>;

query::Failure not_quarantined() {
  return {409, {"not_quarantined", "/offset", "This record is not in quarantine (any more)."}};
}

event::Problem other_event() {
  return {
      "other_event", "/event_id",
      "A retry keeps the source and the event_id of what it retries; another event is sent to /v1/events."};
}

// The record as it was sent, contact fields included, when it is in quarantine. FlatBuffers records come in
// JSON form. `corrected`: what was sent is not needed, and need not be in the log any more.
query::Answer<query::Result> read_quarantined(const Site& site, uint64_t offset, bool corrected) {
  try {
    auto found = query::query_quarantine(*site.services.silver(), {{"offset", std::to_string(offset)}});
    if (std::holds_alternative<query::Failure>(found)) return found;
    const bool quarantined = !std::get<query::Result>(found).rows.empty();
    if (quarantined && corrected) return found;
    auto record = query::query_log_record(*site.services.log(), offset, {{"include", "contact"}});
    auto* missing = std::get_if<query::Failure>(&record);
    if (!quarantined && (!missing || missing->status == 410)) return not_quarantined();
    if (missing && missing->status == 410) {
      missing->problem.pointer = "/offset";
      missing->problem.detail = "What was sent is not in the log any more: send the corrected event along. " +
                                missing->problem.detail;
    }
    return record;
  } catch (const std::exception& error) {
    log_failure("a read of the quarantine", error);
    return query::Failure{500, {"internal", "", "The record could not be read: look at the server's log."}};
  }
}

void decode_record(const query::Result& result, event::JsonDecoder& json, event::EventBatch& batch) {
  const auto& row = result.rows.front();
  auto format = text_of(row[2]) == "cloudevents" ? event::Format::cloudevents : event::Format::json;
  auto payload = std::make_shared<const std::string>(text_of(row[3]));
  auto contact = std::make_shared<const std::string>(text_of(row[5]));
  batch.bodies.push_back(payload);
  batch.bodies.push_back(contact);
  json.decode_one(*payload, *contact, 0, batch, format);
  batch.item_count = 1;
}

// What is retried keeps its key, so that nothing else can take its place. `row`: of the quarantine.
bool is_other(const event::Event& event, const std::vector<query::Value>& row) {
  return event.source != text_of(row[3]) || event.event_id != text_of(row[4]);
}

// What would become of it.
Response rehearse(const Site& site, const event::EventBatch& batch, uint64_t offset) {
  std::string status = "accepted", problem;
  const event::Problem* rejected = batch.rejections.empty() ? nullptr : &batch.rejections[0].problem;
  if (rejected != nullptr) {
    status = "rejected";
    problem = ",\"code\":" + json_string(rejected->code) + ",\"pointer\":" + json_string(rejected->pointer) +
              ",\"detail\":" + json_string(rejected->detail);
  } else {
    event::Event event = batch.events.at(0);
    event.retry_of = static_cast<int64_t>(offset);
    const auto lines = batch.lines_of(event);
    if (const auto rule = site.services.rehearse(event, lines)) {
      status = "quarantined";
      problem = ",\"code\":" + json_string(to_string(*rule)) +
                ",\"pointer\":" + json_string(query::refused_member(*rule, lines)) +
                ",\"detail\":" + json_string(query::advice_on(*rule).meaning);
    }
  }
  Response response;
  response.body = "{\"dry_run\":true,\"retry_of\":" + std::to_string(offset) + ",\"status\":\"" + status +
                  "\"" + problem + "}\n";
  return response;
}

void submit(const std::shared_ptr<Site>& site, ExchangePtr exchange, ingest::Request write, ClaimPtr claim) {
  for (event::Event& event : write.batch.events) event.retry_of = static_cast<int64_t>(claim->offset());
  write.all_results = true;
  site->services.ingest.submit(std::move(write), [exchange, claim](ingest::Answer answer) {
    claim->release();
    exchange->loop()->post(
        [exchange, answer = std::move(answer)] { exchange->respond(render_write_answer(answer)); });
  });
}

// Whether it is one; nothing: the parameters are wrong.
std::optional<bool> take_dry_run(const Request& request) {
  bool dry_run = false;
  for (const auto& [name, value] : request.parameters) {
    if (name != "dry_run" || (value != "true" && value != "false")) return std::nullopt;
    dry_run = value == "true";
  }
  return dry_run;
}

// On the query pool: nothing is proposed.
void dry_retry(const std::shared_ptr<Site>& site, ExchangePtr exchange, uint64_t offset,
               std::shared_ptr<ingest::Request> corrected) {
  answer_later(site->pool, std::move(exchange), [site, offset, corrected]() -> Response {
    auto found = read_quarantined(*site, offset, corrected != nullptr);
    if (const auto* failure = std::get_if<query::Failure>(&found))
      return problem_response(failure->status, failure->problem);
    if (!corrected) {
      ingest::Request write;
      event::JsonDecoder json(event::Limits::unlimited());  // it is in the log
      decode_record(std::get<query::Result>(found), json, write.batch);
      return rehearse(*site, write.batch, offset);
    }
    const auto& batch = corrected->batch;
    if (!batch.events.empty() && is_other(batch.events[0], std::get<query::Result>(found).rows.front()))
      return problem_response(409, other_event());
    return rehearse(*site, batch, offset);
  });
}

// `corrected` is null for a retry of the record as it is.
void retry(const std::shared_ptr<Site>& site, ExchangePtr exchange, uint64_t offset,
           std::shared_ptr<ingest::Request> corrected) {
  auto claim = std::make_shared<Claim>(site, offset);
  if (!claim->held()) {
    return exchange->respond(
        problem_response(409, "being_retried", "Another retry of this record is under way.", "/offset"));
  }
  bool taken = site->pool.submit([site, exchange, claim, corrected] {
    auto answer = std::make_shared<query::Answer<query::Result>>(
        read_quarantined(*site, claim->offset(), corrected != nullptr));
    exchange->loop()->post([site, exchange, claim, corrected, answer] {
      if (const auto* failure = std::get_if<query::Failure>(answer.get())) {
        claim->release();
        return exchange->respond(problem_response(failure->status, failure->problem));
      }
      const auto& found = std::get<query::Result>(*answer);
      if (corrected && !corrected->batch.events.empty() &&
          is_other(corrected->batch.events[0], found.rows.front())) {
        claim->release();
        return exchange->respond(problem_response(409, other_event()));
      }
      if (corrected) return submit(site, exchange, std::move(*corrected), claim);
      ingest::Request write;
      decode_record(found, exchange->loop()->json(), write.batch);
      submit(site, exchange, std::move(write), claim);
    });
  });
  if (taken) return;
  claim->release();
  exchange->respond(too_many_reads_response());
}

}  // namespace

void retry_quarantined(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (auto refused = refuse_unready(*site)) return exchange->respond(std::move(*refused));
  const Request& request = exchange->request();
  if (auto elsewhere = redirect_write(site->services.cluster, request))
    return exchange->respond(std::move(*elsewhere));
  uint64_t offset = 0;
  if (!parse_offset(request.captures[0], offset)) {
    return exchange->respond(
        problem_response(400, "invalid_parameter", "An offset is a whole number from 0.", "/offset"));
  }
  const auto dry_run = take_dry_run(request);
  if (!dry_run) {
    return exchange->respond(problem_response(
        400, "invalid_parameter", "There is one parameter, dry_run=true or dry_run=false.", "/dry_run"));
  }
  if (request.body->empty() && *dry_run) return dry_retry(site, std::move(exchange), offset, nullptr);
  if (request.body->empty()) return retry(site, std::move(exchange), offset, nullptr);
  auto write = std::make_shared<ingest::Request>();
  if (auto refused = decode_events(*site, *exchange, write->batch)) {
    return exchange->respond(std::move(*refused));
  }
  if (write->batch.item_count != 1) {
    return exchange->respond(problem_response(400, "one_event_expected", "Send the one corrected event."));
  }
  if (*dry_run) return dry_retry(site, std::move(exchange), offset, std::move(write));
  retry(site, std::move(exchange), offset, std::move(write));
}

}  // namespace lode::wire
