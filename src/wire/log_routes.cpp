#include <charconv>

#include "query/log_query.h"
#include "wire/log_stream.h"
#include "wire/problem.h"
#include "wire/read.h"
#include "wire/read_routes.h"

namespace lode::wire {

bool parse_offset(const std::string& text, uint64_t& offset) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  return error == std::errc() && end == text.data() + text.size() &&
         offset <= static_cast<uint64_t>(INT64_MAX);
}

void get_log(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (exchange->request().method == Method::get && wants_event_stream(exchange->request())) {
    if (auto refused = refuse_unready(*site)) return exchange->respond(std::move(*refused));
    return stream_log(site, std::move(exchange));
  }
  Read read;
  read.run = [](const Site& at, const query::Parameters& parameters) {
    return query::query_log(*at.services.log(), parameters);
  };
  read.room = query::kLogPageBytes;
  read.run_within = [](const Site& at, const query::Parameters& parameters, size_t bytes) {
    return query::query_log(*at.services.log(), parameters, bytes);
  };
  answer_read(site, std::move(exchange), std::move(read));
}

void get_log_record(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  uint64_t offset = 0;
  if (!parse_offset(exchange->request().captures[0], offset)) {
    return exchange->respond(
        problem_response(400, "invalid_parameter", "An offset is a whole number from 0.", "/offset"));
  }
  Read read;
  read.run = [offset](const Site& at, const query::Parameters& parameters) {
    return query::query_log_record(*at.services.log(), offset, parameters);
  };
  answer_read(site, std::move(exchange), std::move(read));
}

}  // namespace lode::wire
