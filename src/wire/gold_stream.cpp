#include "wire/gold_stream.h"

#include <algorithm>

#include "query/gold_query.h"
#include "wire/applied_wait.h"
#include "wire/event_stream.h"
#include "wire/failure_log.h"
#include "wire/freshness.h"
#include "wire/problem.h"
#include "wire/render.h"

namespace lode::wire {
namespace {

constexpr std::chrono::seconds kHeartbeatEvery{15};
constexpr std::chrono::milliseconds kBetweenReads{250};
constexpr size_t kBehindBytes = 256 * 1024;  // a reader further behind gets the sum of changes later

std::vector<std::string> key_names(const gold::View& view) {
  std::vector<std::string> names;
  for (gold::Column key : view.keys) names.emplace_back(gold::to_string(key));
  return names;
}

// One reader. Lives in the callback that it waits for. `changes` is touched by one read at a time.
struct GoldStream : std::enable_shared_from_this<GoldStream> {
  GoldStream(std::shared_ptr<Site> the_site, ExchangePtr the_exchange, const gold::View& view)
      : site(std::move(the_site)),
        exchange(std::move(the_exchange)),
        loop(exchange->loop()),
        name(view.name),
        parameters(exchange->request().parameters),
        changes(key_names(view)) {}

  void advance();
  void read();
  void deliver(const query::Answer<query::Result>& answer, std::string text);

  std::shared_ptr<Site> site;
  ExchangePtr exchange;  // until the first result: a refused query is answered as a problem
  std::shared_ptr<Loop> loop;
  std::shared_ptr<Stream> stream;
  std::string name;
  query::Parameters parameters;
  RowChanges changes;
};

void GoldStream::advance() {
  if (stream && !stream->open()) return;
  bool behind = stream && stream->waiting_bytes() > kBehindBytes;
  bool taken = !behind && site->pool.submit([self = shared_from_this()] { self->read(); });
  if (!taken) loop->call_after(kBetweenReads, [self = shared_from_this()] { self->advance(); });
}

// On the query pool.
void GoldStream::read() {
  query::Answer<query::Result> answer = query::Failure{500, {"internal", "", "The view could not be read."}};
  std::string text;
  try {
    answer = query::query_gold(site->services.gold, name, parameters);
    if (const auto* result = std::get_if<query::Result>(&answer)) text = changes.next(*result);
  } catch (const std::exception& error) {
    log_failure("a read of a view", error);
    answer = query::Failure{500, {"internal", "", "The view could not be read."}};
  }
  loop->post([self = shared_from_this(), answer = std::move(answer), text = std::move(text)] {
    self->deliver(answer, text);
  });
}

void GoldStream::deliver(const query::Answer<query::Result>& answer, std::string text) {
  if (const auto* failure = std::get_if<query::Failure>(&answer)) {
    if (exchange)
      return std::exchange(exchange, nullptr)->respond(problem_response(failure->status, failure->problem));
    return stream->finish();
  }
  if (exchange) {
    stream = exchange->respond_stream(event_stream_head());
    exchange = nullptr;
  }
  if (!text.empty() && !stream->write(std::move(text))) return;
  int64_t seen = std::get<query::Result>(answer).position.as_of_offset;
  loop->call_after(kBetweenReads, [self = shared_from_this(), seen] {
    wait_applied(self->site->services.applied, self->loop, seen + 1, kHeartbeatEvery, [self](bool reached) {
      if (!reached && !self->stream->write(std::string(kHeartbeat))) return;
      self->advance();
    });
  });
}

}  // namespace

std::string RowChanges::next(const query::Result& result) {
  std::vector<size_t> keys;
  std::vector<std::string> names;
  for (size_t i = 0; i < result.columns.size(); ++i) {
    if (std::find(key_names_.begin(), key_names_.end(), result.columns[i]) == key_names_.end()) continue;
    keys.push_back(i);
    names.push_back(result.columns[i]);
  }
  std::map<std::string, std::string> now;
  std::string out;
  for (const auto& row : result.rows) {
    std::vector<query::Value> key_values;
    for (size_t i : keys) key_values.push_back(row[i]);
    std::string key, whole;
    append_row_json(key, names, key_values);
    append_row_json(whole, result.columns, row);
    auto before = sent_.find(key);
    if (before == sent_.end() || before->second != whole) {
      append_server_event(out, "row", result.position.as_of_offset, whole);
    }
    now.emplace(std::move(key), std::move(whole));
  }
  for (const auto& [key, row] : sent_) {
    if (!now.contains(key)) append_server_event(out, "removed", result.position.as_of_offset, key);
  }
  sent_ = std::move(now);
  return out;
}

void stream_gold(const std::shared_ptr<Site>& site, ExchangePtr exchange, const gold::View& view) {
  auto fresh = take_freshness(exchange->request().parameters);
  if (const auto* failure = std::get_if<query::Failure>(&fresh)) {
    return exchange->respond(problem_response(failure->status, failure->problem));
  }
  std::make_shared<GoldStream>(site, std::move(exchange), view)->advance();
}

}  // namespace lode::wire
