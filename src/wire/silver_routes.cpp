#include "query/filters.h"
#include "query/quarantine_query.h"
#include "query/silver_query.h"
#include "wire/problem.h"
#include "wire/read.h"
#include "wire/read_routes.h"

namespace lode::wire {
namespace {

void answer_row(const std::shared_ptr<Site>& site, ExchangePtr exchange, std::string table, std::string key) {
  Read read;
  read.point = true;
  read.run = [table = std::move(table), key = std::move(key)](
                 const Site& at, const query::Parameters& parameters) -> query::Answer<query::Result> {
    if (auto failure = query::check_names(parameters, {}, table)) return *failure;
    return query::query_silver_row(*at.services.silver(), table, key);
  };
  answer_read(site, std::move(exchange), std::move(read));
}

}  // namespace

void get_silver(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  std::string table = exchange->request().captures[0];
  answer_read(site, std::move(exchange),
              {.run = [table = std::move(table)](const Site& at, const query::Parameters& parameters) {
                return query::query_silver(*at.services.silver(), table, parameters);
              }});
}

void get_silver_row(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  const auto& captures = exchange->request().captures;
  std::string table = captures[0], key = captures[1];
  answer_row(site, std::move(exchange), std::move(table), std::move(key));
}

void get_order_line(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  const auto& captures = exchange->request().captures;
  std::string key = captures[0] + "/" + captures[1];
  answer_row(site, std::move(exchange), "order_lines", std::move(key));
}

void get_quarantine(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  Read read;
  if (exchange->request().parameter("group_by")) {
    read.run = [](const Site& at, const query::Parameters& parameters) {
      return query::query_quarantine_groups(*at.services.silver(), *at.services.log(), parameters);
    };
    return answer_read(site, std::move(exchange), std::move(read));
  }
  read.run = [](const Site& at, const query::Parameters& parameters) {
    return query::query_quarantine(*at.services.silver(), *at.services.log(), parameters);
  };
  if (exchange->request().parameter("include")) {
    read.room = query::kLogPageBytes;
    read.run_within = [](const Site& at, const query::Parameters& parameters, size_t bytes) {
      return query::query_quarantine(*at.services.silver(), *at.services.log(), parameters, bytes);
    };
  }
  answer_read(site, std::move(exchange), std::move(read));
}

void get_quarantined(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  uint64_t offset = 0;
  if (!parse_offset(exchange->request().captures[0], offset)) {
    return exchange->respond(
        problem_response(400, "invalid_parameter", "An offset is a whole number from 0.", "/offset"));
  }
  answer_read(
      site, std::move(exchange), {.run = [offset](const Site& at, const query::Parameters& parameters) {
        return query::query_quarantined_record(*at.services.silver(), *at.services.log(), offset, parameters);
      }});
}

void get_quality(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  answer_read(site, std::move(exchange), {.run = [](const Site& at, const query::Parameters& parameters) {
                return query::query_quality(*at.services.silver(), parameters);
              }});
}

}  // namespace lode::wire
