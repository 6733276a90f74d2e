#include "wire/log_stream.h"

#include <optional>
#include <utility>

#include "query/filters.h"
#include "query/log_query.h"
#include "wire/applied_wait.h"
#include "wire/event_stream.h"
#include "wire/failure_log.h"
#include "wire/problem.h"
#include "wire/read.h"
#include "wire/read_routes.h"
#include "wire/render.h"

namespace lode::wire {
namespace {

constexpr std::chrono::seconds kHeartbeatEvery{15};
constexpr std::chrono::milliseconds kPause{25};  // when the reader is behind, or the query pool is full
constexpr std::chrono::milliseconds kPauseWithoutRoom{250};
constexpr size_t kBehindBytes = 256 * 1024;  // a slow reader holds so much, or one larger page
constexpr std::string_view kPageRows = "500";

struct Page {
  std::string text;
  uint64_t next = 0;
  int64_t applied = -1;
  bool failed = false;
  std::optional<query::Failure> refused;  // failed by what was asked for, not by the reading
  bool no_room = false;                   // nothing was read; other readers hold all the room there is
  std::shared_ptr<Room::Share> room;      // of a large text
};

// One reader. Lives in the callback that it waits for; loop thread only.
struct LogStream : std::enable_shared_from_this<LogStream> {
  std::shared_ptr<Site> site;
  std::shared_ptr<Loop> loop;
  ExchangePtr exchange;            // until the first page is there: a refusal is answered as one
  std::shared_ptr<Stream> stream;  // from then on
  uint64_t next = 0;
  bool contact = false;

  void pause(std::chrono::milliseconds time = kPause) {
    loop->call_after(time, [self = shared_from_this()] { self->advance(); });
  }

  void advance() {
    if (stream && !stream->open()) return;
    if (stream && stream->waiting_bytes() > kBehindBytes) return pause();
    bool taken = site->pool.submit([self = shared_from_this()] {
      auto page = std::make_shared<Page>(self->read_page());
      self->loop->post([self, page] { self->deliver(*page); });
    });
    if (!taken) pause();
  }

  // On the query pool; touches nothing that changes meanwhile. Without room for a page a small one is read.
  Page read_page() const;
  void write_rows(const query::Result& result, Page& page) const;

  void deliver(Page& page) {
    if (exchange) {
      ExchangePtr first = std::exchange(exchange, nullptr);
      if (page.refused) return first->respond(problem_response(page.refused->status, page.refused->problem));
      stream = first->respond_stream(event_stream_head());
    }
    if (page.no_room) return pause(kPauseWithoutRoom);
    if (!page.text.empty() && !stream->write(std::move(page.text), std::move(page.room))) return;
    if (page.failed) return stream->finish();
    bool more = page.next != next;
    next = page.next;
    if (more) return advance();
    int64_t awaited = std::max(static_cast<int64_t>(next), page.applied + 1);
    wait_applied(site->services.applied, loop, awaited, kHeartbeatEvery,
                 [self = shared_from_this()](bool reached) {
                   if (!reached && !self->stream->write(std::string(kHeartbeat))) return;
                   self->advance();
                 });
  }
};

void LogStream::write_rows(const query::Result& result, Page& page) const {
  page.applied = result.position.as_of_offset;
  for (const auto& row : result.rows) {
    const query::Gap* gap = query::gap_of(row);
    const int64_t offset = gap ? static_cast<int64_t>(gap->to) : std::get<int64_t>(row[0]);
    std::string data;
    append_row_json(data, result.columns, row);
    append_server_event(page.text, gap ? "gap" : "record", offset, data);
    page.next = static_cast<uint64_t>(offset) + 1;
  }
}

Page LogStream::read_page() const {
  Page page;
  page.next = next;
  query::Parameters parameters = {{"from", std::to_string(next)}, {"limit", std::string(kPageRows)}};
  if (contact) parameters.emplace_back("include", "contact");
  auto room = std::make_shared<Room::Share>(site->answers);
  size_t page_bytes = room->take(query::kLogPageBytes) ? query::kLogPageBytes : kSmallAnswer / 4;
  try {
    auto answer = query::query_log(*site->services.log(), parameters, page_bytes);
    if (const auto* failure = std::get_if<query::Failure>(&answer)) {
      std::string problem = render_problem(failure->status, failure->problem);
      problem.pop_back();  // the line break
      append_server_event(page.text, "error", static_cast<int64_t>(next) - 1, problem);
      page.refused = *failure;
      page.failed = true;
      return page;
    }
    write_rows(std::get<query::Result>(answer), page);
    if (page.text.size() <= kSmallAnswer) return page;
    page.no_room = !room->resize(page.text.size());
    page.room = std::move(room);
  } catch (const std::exception& error) {
    log_failure("a read of the log", error);
    page.failed = true;
  }
  return page;
}

// from= and include=; Last-Event-ID goes before from.
std::optional<Response> read_start(const Request& request, LogStream& stream) {
  if (auto failure = query::check_names(request.parameters, {"from", "include"}, "log"))
    return problem_response(failure->status, failure->problem);
  for (const auto& [name, value] : request.parameters) {
    if (name == "from") {
      if (parse_offset(value, stream.next)) continue;
      return problem_response(400, "invalid_parameter", "from is an offset: a whole number from 0.", "/from");
    }
    if (value != "contact")
      return problem_response(400, "invalid_parameter", "include is contact.", "/include");
    stream.contact = true;
  }
  if (request.has_header("last-event-id")) {
    uint64_t last = 0;
    if (!parse_offset(request.header("last-event-id"), last)) {
      return problem_response(400, "invalid_parameter",
                              "Last-Event-ID is the offset of the last record you have.");
    }
    stream.next = last + 1;
  }
  return std::nullopt;
}

void start(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  auto log = std::make_shared<LogStream>();
  if (auto refused = read_start(exchange->request(), *log)) return exchange->respond(std::move(*refused));
  log->site = site;
  log->loop = exchange->loop();
  log->exchange = std::move(exchange);
  log->advance();
}

}  // namespace

void stream_log(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  when_fresh(site, std::move(exchange), [site](ExchangePtr fresh) { start(site, std::move(fresh)); });
}

}  // namespace lode::wire
