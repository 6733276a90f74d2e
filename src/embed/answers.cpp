#include "embed/answers.h"

#include <limits>
#include <utility>

#include "event/time.h"

namespace lode::embed {
namespace {

Time time_of(int64_t micros) { return Time(std::chrono::microseconds(micros)); }

struct ToPublic {
  Value operator()(std::monostate) const { return std::monostate{}; }
  Value operator()(std::string& text) const { return std::move(text); }
  Value operator()(int64_t number) const { return number; }
  Value operator()(event::Int128 number) const {
    constexpr event::Int128 kLeast = std::numeric_limits<int64_t>::min(),
                            kMost = std::numeric_limits<int64_t>::max();
    if (number >= kLeast && number <= kMost) return static_cast<int64_t>(number);
    return Decimal{event::format_integer(number)};
  }
  Value operator()(query::Decimal& decimal) const { return Decimal{std::move(decimal.text)}; }
  Value operator()(bool truth) const { return truth; }
  Value operator()(query::RawJson& json) const { return Json{std::move(json.text)}; }
  Value operator()(query::Gap&) const { return std::monostate{}; }  // of the log alone
};

Verdict verdict_of(ingest::ItemResult& item) {
  using From = ingest::ItemResult::Status;
  using To = Verdict::Status;
  const To status = item.status == From::accepted    ? To::accepted
                    : item.status == From::duplicate ? To::duplicate
                    : item.status == From::rejected  ? To::rejected
                                                     : To::quarantined;
  return {item.index,
          status,
          item.offset,
          std::move(item.problem.code),
          std::move(item.problem.pointer),
          std::move(item.problem.detail)};
}

}  // namespace

Refusal refusal_of(int status, event::Problem problem, uint32_t retry_after_seconds) {
  return {status, std::move(problem.code), std::move(problem.pointer), std::move(problem.detail),
          retry_after_seconds};
}

AppendResult append_result(ingest::Answer answer) {
  AppendResult out;
  if (answer.refusal) {
    out.refusal = refusal_of(answer.refusal->status, std::move(answer.refusal->problem),
                             answer.refusal->retry_after_seconds);
    return out;
  }
  out.accepted = answer.result.accepted;
  out.duplicates = answer.result.duplicates;
  out.rejected = answer.result.rejected;
  out.first_offset = answer.result.first_offset;
  out.last_offset = answer.result.last_offset;
  for (ingest::ItemResult& item : answer.result.results) out.verdicts.push_back(verdict_of(item));
  return out;
}

Rows rows_of(query::Answer<query::Result> answer) {
  Rows out;
  if (auto* failure = std::get_if<query::Failure>(&answer)) {
    out.refusal = refusal_of(failure->status, std::move(failure->problem));
    return out;
  }
  auto& result = std::get<query::Result>(answer);
  out.as_of_offset = result.position.as_of_offset;
  out.as_of_time = time_of(result.position.as_of_micros);
  out.columns = std::move(result.columns);
  out.next_cursor = std::move(result.next_cursor);
  out.rows.reserve(result.rows.size());
  for (auto& row : result.rows) {
    auto& values = out.rows.emplace_back();
    values.reserve(row.size());
    for (query::Value& value : row) values.push_back(std::visit(ToPublic{}, value));
  }
  return out;
}

Record record_of(const std::vector<query::Value>& row) {
  Record out;
  out.offset = static_cast<uint64_t>(std::get<int64_t>(row.at(0)));
  event::Micros received_at;
  event::parse_rfc3339(query::text_of(row.at(1)), received_at);
  out.received_at = time_of(received_at.value);
  out.event = query::text_of(row.at(3));
  if (const auto* retried = std::get_if<int64_t>(&row.at(4))) out.retry_of = *retried;
  if (row.size() > 5) out.contact = query::text_of(row[5]);
  return out;
}

}  // namespace lode::embed

namespace lode {

const Value& Rows::at(std::size_t row, std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i] == column) return rows.at(row).at(i);
  throw std::out_of_range("there is no column " + std::string(column));
}

}  // namespace lode
