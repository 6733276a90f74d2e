#include "gold/gold.h"
#include "gold/view.h"
#include "query/filters.h"
#include "query/gold_query.h"
#include "wire/gold_stream.h"
#include "wire/json_text.h"
#include "wire/problem.h"
#include "wire/read.h"
#include "wire/read_routes.h"

namespace lode::wire {
namespace {

// Every key is given by one value: the answer is one row, found by its key, and nothing in it is made of
// other rows.
bool is_point_read(const gold::View& view, const Request& request) {
  for (const gold::Measure& measure : view.measures) {
    if (measure.type == gold::Measure::Type::share || measure.type == gold::Measure::Type::rank) return false;
  }
  if (request.parameter("group_by") || request.parameter("cursor")) return false;
  for (gold::Column key : view.keys) {
    const std::string* value = request.parameter(gold::to_string(key));
    if (!value || value->find(',') != std::string::npos || value->find("..") != std::string::npos)
      return false;
  }
  return true;
}

std::string render_keys(const gold::View& view) {
  std::string out = "[";
  for (gold::Column key : view.keys) {
    if (out.size() > 1) out += ',';
    append_json_string(out, gold::to_string(key));
  }
  return out + "]";
}

std::string render_measures(const gold::View& view) {
  std::string out = "[";
  for (const gold::Measure& measure : view.measures) {
    if (measure.hidden) continue;
    if (out.size() > 1) out += ',';
    out += "{\"name\":";
    append_json_string(out, measure.name);
    out += ",\"type\":";
    append_json_string(out, gold::to_string(measure.type));
    out += measure.money ? ",\"money\":true}" : ",\"money\":false}";
  }
  return out + "]";
}

query::Answer<query::Result> list_views(const Site& site, const query::Parameters& parameters) {
  if (auto failure = query::check_names(parameters, {}, "views")) return *failure;
  query::Result result;
  auto applied = site.services.applied.get();
  result.position = {applied.offset, applied.record_micros};
  result.columns = {"name", "description", "version", "keys", "measures"};
  const auto source = site.services.gold();
  for (const gold::View& view : source->gold.views()) {
    result.rows.push_back({view.name, view.description,
                           query::Value(static_cast<event::Int128>(view.version)),
                           query::RawJson{render_keys(view)}, query::RawJson{render_measures(view)}});
    result.view_version ^= view.version;
  }
  return result;
}

}  // namespace

void get_gold(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  Request& request = exchange->request();
  std::string name = request.captures[0];
  const auto source = site->services.gold();
  const gold::View* view = source->gold.find(name);
  if (request.method == Method::get && wants_event_stream(request)) {
    if (auto refused = refuse_unready(*site)) return exchange->respond(std::move(*refused));
    if (view) return stream_gold(site, std::move(exchange), *view);
    auto unknown = std::get<query::Failure>(query::query_gold(*source, name, {}));
    return exchange->respond(problem_response(unknown.status, unknown.problem));
  }
  Read read;
  read.point = view && is_point_read(*view, request);
  read.run = [name = std::move(name)](const Site& at, const query::Parameters& parameters) {
    return query::query_gold(*at.services.gold(), name, parameters);
  };
  answer_read(site, std::move(exchange), std::move(read));
}

void get_views(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  answer_read(site, std::move(exchange), {.run = list_views, .point = true});
}

}  // namespace lode::wire
