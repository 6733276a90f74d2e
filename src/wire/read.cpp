#include "wire/read.h"

#include <array>

#include "wire/accept.h"
#include "wire/etag.h"
#include "wire/failure_log.h"
#include "wire/fresh_wait.h"
#include "wire/problem.h"
#include "wire/render.h"

namespace lode::wire {
namespace {

enum class Form : uint8_t { json, ndjson, csv };
constexpr std::array<std::string_view, 3> kForms = {"application/json", "application/x-ndjson", "text/csv"};
constexpr std::string_view kEventStream = "text/event-stream";
constexpr std::string_view kPosition = "Lode-Applied-Offset";

Response render(const Site& site, Form form, const query::Result& result) {
  Response response;
  switch (form) {
    case Form::json: {
      int64_t lag = lag_millis(site);
      response.body = render_json(result, lag);
      break;
    }
    case Form::ndjson:
      response.content_type = kForms[1];
      response.body = render_ndjson(result);
      break;
    case Form::csv:
      response.content_type = "text/csv; charset=utf-8; header=present";
      response.body = render_csv(result);
      break;
  }
  if (form != Form::json && !result.next_cursor.empty()) {
    response.headers.emplace_back("Lode-Next-Cursor", result.next_cursor);
  }
  return response;
}

void add_position(Response& response, const query::Position& position) {
  response.headers.emplace_back(kPosition, std::to_string(position.as_of_offset));
}

Response run(const Site& site, const Request& request, const Read& read, Form form) {
  // What is not found was not there at this position; what came meanwhile may not be claimed.
  const query::Position before = {site.services.applied.get().offset, 0};
  // Before the read: an answer by the next rules under the ETag of these is only asked for again.
  const uint64_t rules = site.services.rules_hash();
  auto room = std::make_shared<Room::Share>(site.answers);
  bool within = read.run_within && !room->take(read.room);
  try {
    auto answer =
        within ? read.run_within(site, request.parameters, kSmallAnswer) : read.run(site, request.parameters);
    if (const auto* failure = std::get_if<query::Failure>(&answer)) {
      Response refusal = problem_response(failure->status, failure->problem, failure->status == 503 ? 1 : 0);
      add_position(refusal, before);
      return refusal;
    }
    const auto& result = std::get<query::Result>(answer);
    std::string etag =
        make_etag(request.path, request.parameters, kForms[static_cast<size_t>(form)], result, rules);
    Response response;
    if (read.tagged && etag_matches(request.header("if-none-match"), etag)) {
      response.status = 304;
      response.content_type.clear();
    } else {
      response = render(site, form, result);
    }
    if (response.body.size() > kSmallAnswer) {
      if (!room->resize(response.body.size())) return too_many_answers_response();
      response.room = std::move(room);
    }
    add_position(response, result.position);
    if (read.tagged) response.headers.emplace_back("ETag", std::move(etag));
    response.headers.emplace_back("Vary", "Accept");
    response.headers.emplace_back("Cache-Control", "no-cache");
    return response;
  } catch (const std::exception& error) {
    log_failure("a read", error);
    return problem_response(500, "internal", "The data could not be read: look at the server's log.");
  }
}

void run_somewhere(const std::shared_ptr<Site>& site, ExchangePtr exchange, std::shared_ptr<const Read> read,
                   Form form) {
  if (read->point) return exchange->respond(run(*site, exchange->request(), *read, form));
  QueryPool& pool = read->takes_seconds ? site->long_pool : site->pool;
  bool taken = pool.submit([site, exchange, read, form] {
    auto response = run(*site, exchange->request(), *read, form);
    exchange->loop()->post(
        [exchange, response = std::move(response)]() mutable { exchange->respond(std::move(response)); });
  });
  if (!taken) exchange->respond(too_many_reads_response());
}

}  // namespace

bool wants_event_stream(const Request& request) {
  constexpr std::array<std::string_view, 4> kAll = {kForms[0], kForms[1], kForms[2], kEventStream};
  return negotiate(request.header("accept"), kAll) == 3;
}

std::optional<Response> refuse_unready(const Site& site) {
  std::string reason = site.services.not_readable();
  if (reason.empty()) return std::nullopt;
  return problem_response(
      503, {"not_ready", "", "The state is not complete yet (" + reason + "): ask again in a moment."}, 1);
}

int64_t lag_millis(const Site& site) {
  int64_t oldest = site.services.ingest.statistics().oldest_unapplied_micros;
  return oldest == 0 ? 0 : std::max<int64_t>(0, (site.services.clock.now_micros() - oldest) / 1000);
}

void say_position(const Site& site, Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == kPosition) return;
  }
  add_position(response, {site.services.applied.get().offset, 0});
}

void when_fresh(const std::shared_ptr<Site>& site, ExchangePtr exchange,
                std::function<void(ExchangePtr)> then) {
  auto fresh = take_freshness(exchange->request().parameters);
  if (const auto* failure = std::get_if<query::Failure>(&fresh)) {
    return exchange->respond(problem_response(failure->status, failure->problem));
  }
  wait_fresh(
      site->services.cluster, site->services.applied, exchange->loop(), std::get<Freshness>(fresh),
      [exchange, then = std::move(then)](const std::optional<ingest::Refusal>& refusal) {
        if (!refusal) return then(exchange);
        exchange->respond(problem_response(refusal->status, refusal->problem, refusal->retry_after_seconds));
      });
}

void answer_read(const std::shared_ptr<Site>& site, ExchangePtr exchange, Read read) {
  if (auto refused = refuse_unready(*site)) return exchange->respond(std::move(*refused));
  auto form = negotiate(exchange->request().header("accept"), kForms);
  if (!form) {
    return exchange->respond(
        problem_response(406, "not_acceptable",
                         "This answers application/json, application/x-ndjson and text/csv: accept one."));
  }
  auto shared = std::make_shared<const Read>(std::move(read));
  when_fresh(site, std::move(exchange), [site, shared, chosen = static_cast<Form>(*form)](ExchangePtr fresh) {
    run_somewhere(site, std::move(fresh), shared, chosen);
  });
}

}  // namespace lode::wire
