#include "gold/gold.h"
#include "gold/view.h"
#include "query/gold_query.h"
#include "wire/gold_stream.h"
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

// Of a view that is not there yet.
query::Answer<query::Result> or_how_far(const Site& site, const std::string& name,
                                        query::Answer<query::Result> answer) {
  auto* failure = std::get_if<query::Failure>(&answer);
  if (!failure || failure->problem.code != "unknown_view" || !site.services.views) return answer;
  const admin::ViewCatalogue catalogue = site.services.views();
  const admin::CatalogueEntry* entry = catalogue.find(name);
  if (entry && entry->state == admin::CatalogueEntry::State::building && catalogue.build)
    failure->problem.detail = "the view `" + name + "` is being built, " +
                              admin::progress_text(*catalogue.build) + "; it is answered once that is done";
  return answer;
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
    auto unknown = std::get<query::Failure>(or_how_far(*site, name, query::query_gold(*source, name, {})));
    return exchange->respond(problem_response(unknown.status, unknown.problem));
  }
  Read read;
  read.point = view && is_point_read(*view, request);
  read.run = [name = std::move(name)](const Site& at, const query::Parameters& parameters) {
    return or_how_far(at, name, query::query_gold(*at.services.gold(), name, parameters));
  };
  answer_read(site, std::move(exchange), std::move(read));
}

}  // namespace lode::wire
