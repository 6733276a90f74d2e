#include "lodectl/past_rows.h"

#include "admin/past.h"
#include "query/gold_query.h"
#include "query/silver_query.h"
#include "wire/render.h"

namespace lode::lodectl {
namespace {

using Rows = query::Answer<query::Result>;

Rows ask(const admin::Past& past, const std::string& what, bool silver, const query::Parameters& parameters) {
  const materialize::Generation& generation = *past.generation();
  auto position = [&generation] {
    const materialize::AppliedPosition at = generation.materializer().position();
    return query::Position{at.offset, at.record_micros};
  };
  if (silver)
    return query::query_silver({generation.state(), generation.tables(), position}, what, parameters);
  return query::query_gold({generation.state(), generation.gold(), generation.tables().dictionary(), position,
                            generation.rules_hash()},
                           what, parameters);
}

}  // namespace

int print_past_rows(const Context& context, const std::string& folder, const std::string& what, bool silver,
                    const RowsRequest& request) {
  const admin::Past past(folder);
  return print_pages(context, request, [&](const std::string& cursor) {
    query::Parameters parameters(request.filters.begin(), request.filters.end());
    for (const auto& [name, value] : request.parameters)
      if (!value.empty()) parameters.emplace_back(name, value);
    if (!cursor.empty()) parameters.emplace_back("cursor", cursor);
    const Rows answer = ask(past, what, silver, parameters);
    if (const auto* failure = std::get_if<query::Failure>(&answer))
      throw Failed(failure->problem.detail + " (" + failure->problem.code + ")",
                   failure->status == 400 ? kUsage : kFailed);
    return wire::render_json(std::get<query::Result>(answer), 0);
  });
}

}  // namespace lode::lodectl
