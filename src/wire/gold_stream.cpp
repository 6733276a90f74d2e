#include "wire/gold_stream.h"

#include <mutex>
#include <shared_mutex>

#include "query/gold_query.h"
#include "query/page.h"
#include "wire/applied_wait.h"
#include "wire/event_stream.h"
#include "wire/failure_log.h"
#include "wire/problem.h"
#include "wire/read.h"

namespace lode::wire {
namespace {

constexpr std::chrono::seconds kHeartbeatEvery{15};
constexpr std::chrono::milliseconds kBetweenReads{250};
constexpr size_t kBehindBytes = 256 * 1024;  // a reader further behind gets the sum of changes later
constexpr size_t kMaxRows = 100'000;
constexpr size_t kMaxBytes = 16u << 20;  // of all rows as JSON

std::vector<std::string> key_names(const gold::View& view) {
  std::vector<std::string> names;
  for (gold::Column key : view.keys) names.emplace_back(gold::to_string(key));
  return names;
}

query::Failure view_changed() {
  return {409, {"view_changed", "", "The view is declared otherwise now: follow it anew."}};
}

query::Failure view_dropped() {
  return {404, {"unknown_view", "", "The view was dropped: there is nothing to follow any more."}};
}

query::Failure too_many_rows() {
  return {422,
          {"too_many_rows", "",
           "This has too many rows to be followed: filter by a key, such as a day, or give a limit."}};
}

// What one look at the view gives.
struct Reading {
  std::optional<query::Failure> failure;
  std::string text;                   // what to send
  std::shared_ptr<Room::Share> room;  // of a large text
  bool no_room = false;               // there is none for the text: it is to be read again
  int64_t seen = -1;                  // the offset up to which the reader knows the view then
};

// One reader. Lives in the callback that it waits for. `changes`, `read_once`, `rules` and `last_change`
// are touched by one read at a time.
struct GoldStream : std::enable_shared_from_this<GoldStream> {
  GoldStream(std::shared_ptr<Site> the_site, ExchangePtr the_exchange, const gold::View& the_view)
      : site(std::move(the_site)),
        exchange(std::move(the_exchange)),
        loop(exchange->loop()),
        view(the_view.name),
        version(the_view.version),
        parameters(exchange->request().parameters),
        changes(key_names(the_view)) {
    ++site->gold_streams;
  }
  GoldStream(const GoldStream&) = delete;
  GoldStream& operator=(const GoldStream&) = delete;
  ~GoldStream() { --site->gold_streams; }

  void advance();
  // On the query pool.
  Reading read();
  bool stands_still(const query::GoldSource& source, Reading& reading) const;
  void read_rows(const query::GoldSource& source, Reading& reading);
  void deliver(Reading& reading);

  const std::shared_ptr<Site> site;
  ExchangePtr exchange;  // until the first reading: a refused query is answered as a problem
  const std::shared_ptr<Loop> loop;
  std::shared_ptr<Stream> stream;
  const std::string view;
  const uint64_t version;
  const query::Parameters parameters;
  RowChanges changes;
  bool read_once = false;
  uint64_t rules = 0;              // by which the rows were made when it was read
  record::LastChange last_change;  // of the view then
};

void GoldStream::advance() {
  if (stream && !stream->open()) return;
  bool behind = stream && stream->waiting_bytes() > kBehindBytes;
  bool taken = !behind && site->pool.submit([self = shared_from_this()] {
    auto reading = std::make_shared<Reading>(self->read());
    self->loop->post([self, reading] { self->deliver(*reading); });
  });
  if (!taken) loop->call_after(kBetweenReads, [self = shared_from_this()] { self->advance(); });
}

Reading GoldStream::read() {
  Reading reading;
  try {
    const auto source = site->services.gold();
    if (!stands_still(*source, reading)) read_rows(*source, reading);
  } catch (const std::exception& error) {
    log_failure("a read of a view", error);
    reading.failure = query::Failure{500, {"internal", "", "The view could not be read."}};
  }
  return reading;
}

bool GoldStream::stands_still(const query::GoldSource& source, Reading& reading) const {
  const gold::View* now = source.gold.find(view);
  std::shared_lock lock(source.state.mutex());
  reading.seen = source.position().as_of_offset;
  if (!now || now->version != version) {
    reading.failure = now ? view_changed() : view_dropped();
    return true;
  }
  return read_once && rules == source.rules_hash && last_change == source.gold.last_change(*now);
}

// All pages of the query; with `limit` or `order_by` the one page that was asked for.
void GoldStream::read_rows(const query::GoldSource& source, Reading& reading) {
  query::Parameters asked = parameters;
  bool one_page = query::find_parameter(asked, "limit") || query::find_parameter(asked, "order_by");
  if (!one_page) asked.emplace_back("limit", std::to_string(query::kMaxLimit));
  bool first = true;
  record::LastChange changed;
  for (std::string cursor; first || !cursor.empty(); first = false) {
    query::Parameters page = asked;
    if (!cursor.empty()) page.emplace_back("cursor", cursor);
    auto answer = query::query_gold(source, view, page);
    if (auto* failure = std::get_if<query::Failure>(&answer)) {
      reading.failure = std::move(*failure);
      return;
    }
    const auto& result = std::get<query::Result>(answer);
    if (first) {
      changed = result.last_change;
      reading.seen = result.position.as_of_offset;
    }
    changes.add(result);
    if (changes.rows() > kMaxRows || changes.bytes() > kMaxBytes) {
      reading.failure = too_many_rows();
      return;
    }
    cursor = one_page ? "" : result.next_cursor;
  }
  auto room = std::make_shared<Room::Share>(site->answers);
  auto text = changes.finish([&](size_t bytes) { return bytes <= kSmallAnswer || room->resize(bytes); });
  reading.no_room = !text;
  if (!text) return;
  read_once = true;
  rules = source.rules_hash;
  last_change = changed;
  reading.text = std::move(*text);
  reading.room = std::move(room);
}

void GoldStream::deliver(Reading& reading) {
  if (reading.failure) {
    const auto& [status, problem] = *reading.failure;
    if (exchange) return std::exchange(exchange, nullptr)->respond(problem_response(status, problem));
    std::string data = render_problem(status, problem);
    data.pop_back();  // the line break
    std::string text;
    append_server_event(text, "error", reading.seen, data);
    if (stream->write(std::move(text))) stream->finish();
    return;
  }
  if (reading.no_room) {
    if (exchange) return std::exchange(exchange, nullptr)->respond(too_many_answers_response());
    loop->call_after(kBetweenReads, [self = shared_from_this()] { self->advance(); });
    return;
  }
  if (exchange) {
    stream = exchange->respond_stream(event_stream_head());
    exchange = nullptr;
  }
  if (!reading.text.empty() && !stream->write(std::move(reading.text), std::move(reading.room))) return;
  loop->call_after(kBetweenReads, [self = shared_from_this(), seen = reading.seen] {
    wait_applied(self->site->services.applied, self->loop, seen + 1, kHeartbeatEvery, [self](bool reached) {
      if (!reached && !self->stream->write(std::string(kHeartbeat))) return;
      self->advance();
    });
  });
}

}  // namespace

void stream_gold(const std::shared_ptr<Site>& site, ExchangePtr exchange, const gold::View& view) {
  if (exchange->request().parameter("cursor")) {
    return exchange->respond(problem_response(400, "invalid_parameter",
                                              "A stream has no pages: leave the cursor out.", "/cursor"));
  }
  when_fresh(site, std::move(exchange), [site, view](ExchangePtr fresh) {
    if (site->gold_streams >= kGoldStreams) {
      return fresh->respond(problem_response(
          429, {"too_many_streams", "", "Too many views are being followed: ask again later."}, 1));
    }
    std::make_shared<GoldStream>(site, std::move(fresh), view)->advance();
  });
}

}  // namespace lode::wire
