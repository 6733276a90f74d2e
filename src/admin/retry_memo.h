// What a retry of many remembers and answers: how far it is, and what became of the records. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lode::admin {

struct RetryMemo {
  static constexpr size_t kFailures = 100;  // that are listed

  struct Failure {
    uint64_t offset = 0;
    std::string code, detail;
  };

  int64_t base = -1;   // the last record that was applied when it began; what comes after it is left alone
  uint64_t total = 0;  // that matched then
  uint64_t next = 0;   // everything below is done
  uint64_t passed = 0, quarantined = 0, rejected = 0, missing = 0;
  std::map<std::string, uint64_t> rules;  // of those that did not pass
  std::vector<Failure> failures;          // the first ones

  uint64_t looked() const { return passed + quarantined + rejected + missing; }
  void fail(uint64_t offset, const std::string& code, const std::string& detail);
};

std::string encode(const RetryMemo& memo);
RetryMemo decode_retry_memo(std::string_view bytes);  // throws std::runtime_error
// The task's result.
std::string result_of(const RetryMemo& memo, bool dry_run);

}  // namespace lode::admin
