#include "admin/row_stream.h"

#include <stdexcept>

#include "event/money.h"
#include "query/gold_query.h"
#include "query/silver_query.h"

namespace lode::admin {

namespace {

query::Position position_of(const materialize::Generation& generation) {
  const materialize::AppliedPosition at = generation.materializer().position();
  return {at.offset, at.record_micros};
}

struct Shown {
  std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
  std::optional<std::string> operator()(const std::string& text) const { return text; }
  std::optional<std::string> operator()(int64_t number) const { return std::to_string(number); }
  std::optional<std::string> operator()(event::Int128 number) const { return event::format_integer(number); }
  std::optional<std::string> operator()(const query::Decimal& decimal) const { return decimal.text; }
  std::optional<std::string> operator()(bool truth) const { return truth ? "true" : "false"; }
  std::optional<std::string> operator()(const query::RawJson& json) const { return json.text; }
  std::optional<std::string> operator()(const query::Gap&) const { return std::nullopt; }  // of the log alone
};

}  // namespace

RowStream RowStream::of_view(const materialize::Generation& generation, const std::string& view) {
  const gold::View* found = generation.gold().find(view);
  if (!found) throw std::runtime_error("there is no view " + view);
  query::GoldSource source{generation.state(), generation.gold(), generation.tables().dictionary(),
                           [&generation] { return position_of(generation); }, generation.rules_hash()};
  return {[source, view](const query::Parameters& parameters) {
            return query::query_gold(source, view, parameters);
          },
          found->keys.size()};
}

RowStream RowStream::of_table(const materialize::Generation& generation, const std::string& table) {
  query::SilverSource source{generation.state(), generation.tables(),
                             [&generation] { return position_of(generation); }};
  if (table == "quality")
    return {[source](const query::Parameters&) {
              return query::query_quality(source, {{"limit", "10000"}});
            },
            2};
  return {[source, table](const query::Parameters& parameters) {
            return query::query_silver(source, table, parameters);
          },
          table == "order_lines" ? size_t{2} : size_t{1}};
}

void RowStream::turn_page() {
  query::Parameters parameters{{"limit", "10000"}};
  if (begun_) parameters.emplace_back("cursor", page_.next_cursor);
  begun_ = true;
  auto answer = fetch_(parameters);
  if (const auto* failure = std::get_if<query::Failure>(&answer))
    throw std::runtime_error(failure->problem.detail);
  page_ = std::get<query::Result>(std::move(answer));
  at_ = 0;
}

const std::vector<std::string>& RowStream::columns() {
  if (!begun_) turn_page();
  return page_.columns;
}

std::optional<RowTexts> RowStream::next() {
  if (!begun_) turn_page();
  while (at_ == page_.rows.size()) {
    if (page_.next_cursor.empty()) return std::nullopt;
    turn_page();
  }
  RowTexts out;
  for (const query::Value& value : page_.rows[at_]) out.push_back(std::visit(Shown{}, value));
  ++at_;
  return out;
}

}  // namespace lode::admin
