#include "wire/fetch.h"

#include <algorithm>

#include "event/time.h"
#include "query/log_query.h"
#include "query/page.h"
#include "wire/applied_wait.h"
#include "wire/failure_log.h"
#include "wire/frame.h"
#include "wire/frame_writer.h"
#include "wire/problem.h"
#include "wire/read_only.h"

namespace lode::wire {
namespace {

constexpr uint32_t kMaxWaitMillis = 60'000;

flatbuffers::Offset<flatbuffers::Vector<uint8_t>> bytes_of(FrameWriter& writer, const std::string& text) {
  return writer.builder().CreateVector(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

// Records that were sent as FlatBuffers are handed out in their JSON form.
event::Format format_of(const query::Value& name) {
  return text_of(name) == "cloudevents" ? event::Format::cloudevents : event::Format::json;
}

void write_fetch_result(uint64_t correlation, const query::Result& result, const FetchRequest& request,
                        std::string& out) {
  FrameWriter writer(out);
  std::vector<flatbuffers::Offset<fb::Record>> records;
  std::vector<fb::Gap> gaps;
  uint64_t next = request.from;
  for (const auto& row : result.rows) {
    if (const query::Gap* gap = query::gap_of(row)) {
      gaps.emplace_back(gap->from, gap->to);
      next = gap->to + 1;
      continue;
    }
    const std::string& payload = text_of(row[3]);
    auto offset = static_cast<uint64_t>(std::get<int64_t>(row[0]));
    event::Micros received_at;
    event::parse_rfc3339(text_of(row[1]), received_at);
    auto body = bytes_of(writer, payload);
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> contact;
    if (row.size() > 5 && !text_of(row[5]).empty()) contact = bytes_of(writer, text_of(row[5]));
    const auto* retry_of = std::get_if<int64_t>(&row[4]);
    records.push_back(fb::CreateRecord(writer.builder(), offset, received_at.value,
                                       static_cast<uint8_t>(format_of(row[2])), body, contact,
                                       retry_of ? *retry_of : -1));
    next = offset + 1;
  }
  auto vector = writer.builder().CreateVector(records);
  flatbuffers::Offset<flatbuffers::Vector<const fb::Gap*>> gap_vector;
  if (!gaps.empty()) gap_vector = writer.builder().CreateVectorOfStructs(gaps);
  writer.finish(
      correlation, fb::Body::FetchResult,
      fb::CreateFetchResult(writer.builder(), vector, next, result.position.as_of_offset, gap_vector)
          .Union());
}

// `room` has what the frame takes, when that is much; without room for a page a small one is answered.
std::string run_fetch(const Site& site, uint64_t correlation, const FetchRequest& request, Room::Share& room,
                      int& status) {
  query::Parameters parameters = {{"from", std::to_string(request.from)}};
  if (request.limit > 0)
    parameters.emplace_back("limit", std::to_string(std::min(request.limit, query::kMaxLimit)));
  if (request.include_contact) parameters.emplace_back("include", "contact");
  std::string out;
  if (site.services.read_only) {
    status = 404;
    write_error(correlation, 404, no_log_problem(), 0, out);
    return out;
  }
  if (!site.services.not_readable().empty()) {
    status = 503;
    write_error(correlation, 503, {"not_ready", "", "The state is not complete yet: ask again in a moment."},
                1, out);
    return out;
  }
  size_t page_bytes = room.take(query::kLogPageBytes) ? query::kLogPageBytes : kSmallAnswer;
  try {
    auto answer = query::query_log(*site.services.log(), parameters, page_bytes);
    if (const auto* failure = std::get_if<query::Failure>(&answer)) {
      status = failure->status;
      write_error(correlation, failure->status, failure->problem, 0, out);
    } else {
      write_fetch_result(correlation, std::get<query::Result>(answer), request, out);
    }
  } catch (const std::exception& error) {
    log_failure("a fetch", error);
    status = 500;
    out.clear();
    write_error(correlation, 500,
                {"internal", "", "The records could not be read: look at the server's log."}, 0, out);
  }
  if (!room.resize(out.size() > kSmallAnswer ? out.size() : 0)) {
    room.give_back();
    status = 503;
    out.clear();
    write_error(correlation, 503, too_many_answers(), 1, out);
  }
  return out;
}

}  // namespace

void fetch(const std::shared_ptr<Site>& site, std::shared_ptr<TcpSession> session, uint64_t correlation,
           FetchRequest request) {
  auto loop = session->loop();
  std::chrono::milliseconds limit(std::min(request.wait_ms, kMaxWaitMillis));
  auto read = [site, session, correlation, request] {
    int64_t started = site->services.clock.steady_micros();
    bool taken = site->pool.submit([site, session, correlation, request, started] {
      int status = 200;
      auto room = std::make_shared<Room::Share>(site->answers);
      std::string frame = run_fetch(*site, correlation, request, *room, status);
      int64_t micros = site->services.clock.steady_micros() - started;
      site->metrics.request(SessionMetrics::Protocol::tcp, "fetch", status,
                            static_cast<double>(micros) / 1e6);
      session->loop()->post([session, room, frame = std::move(frame)]() mutable {
        session->read_answered(std::move(frame), std::move(room));
      });
    });
    if (taken) return;
    std::string frame;
    write_error(correlation, 429, too_many_reads(), 1, frame);
    session->loop()->post(
        [session, frame = std::move(frame)]() mutable { session->read_answered(std::move(frame), nullptr); });
  };
  // An offset beyond what is signed is one that never comes.
  int64_t from = static_cast<int64_t>(std::min<uint64_t>(request.from, INT64_MAX));
  wait_applied(site->services.applied, loop, from, limit,
               [session, read](bool) { session->read_in_turn(read); });
}

}  // namespace lode::wire
