#include "admin/retry_memo.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <stdexcept>

#include "event/json_text.h"

namespace lode::admin {

namespace {

// Members that memo and result share, without the braces.
std::string counts_of(const RetryMemo& memo) {
  std::string rules, failures;
  for (const auto& [rule, count] : memo.rules)
    rules += fmt::format("{}{}:{}", rules.empty() ? "" : ",", event::in_quotes(rule), count);
  for (const RetryMemo::Failure& one : memo.failures) {
    failures += fmt::format(R"({}{{"offset":{},"code":{},"detail":{}}})", failures.empty() ? "" : ",",
                            one.offset, event::in_quotes(one.code), event::in_quotes(one.detail));
  }
  return fmt::format(
      R"("total":{},"passed":{},"quarantined":{},"rejected":{},"missing":{},"rules":{{{}}},"failures":[{}])",
      memo.total, memo.passed, memo.quarantined, memo.rejected, memo.missing, rules, failures);
}

}  // namespace

void RetryMemo::fail(uint64_t offset, const std::string& code, const std::string& detail) {
  ++rules[code];
  if (failures.size() < kFailures) failures.push_back({offset, code, detail});
}

std::string encode(const RetryMemo& memo) {
  return fmt::format(R"({{"base":{},"next":{},{}}})", memo.base, memo.next, counts_of(memo));
}

RetryMemo decode_retry_memo(std::string_view bytes) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(bytes.data(), bytes.size()).get(object))
    throw std::runtime_error("what the retry remembered can't be read");
  RetryMemo memo;
  memo.base = int64_t(object["base"]);
  for (auto [name, member] : {std::pair("next", &memo.next), std::pair("total", &memo.total),
                              std::pair("passed", &memo.passed), std::pair("quarantined", &memo.quarantined),
                              std::pair("rejected", &memo.rejected), std::pair("missing", &memo.missing)})
    *member = uint64_t(object[name]);
  for (auto [rule, count] : simdjson::dom::object(object["rules"]))
    memo.rules[std::string(rule)] = uint64_t(count);
  for (simdjson::dom::object one : simdjson::dom::array(object["failures"]))
    memo.failures.push_back({uint64_t(one["offset"]), std::string(std::string_view(one["code"])),
                             std::string(std::string_view(one["detail"]))});
  return memo;
}

std::string result_of(const RetryMemo& memo, bool dry_run) {
  // Applied by itself before its turn came, or closed by somebody else.
  const uint64_t closed = memo.total > memo.looked() ? memo.total - memo.looked() : 0;
  return fmt::format(R"({{"dry_run":{},"closed_meanwhile":{},{}}})", dry_run, closed, counts_of(memo));
}

}  // namespace lode::admin
