#include "admin/quarantine_retry.h"

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "admin/retry_batch.h"
#include "admin/retry_memo.h"
#include "query/quarantine_filter.h"
#include "query/silver_rows.h"
#include "silver/rehearsal.h"

namespace lode::admin {

namespace {

constexpr uint64_t kGroup = 64;           // records of one submission
constexpr uint32_t kLooked = 1000;        // rows in one lock
constexpr uint64_t kRehearsed = 200'000;  // a rehearsal's memory grows with what it has judged
constexpr std::chrono::milliseconds kPause{50};

struct Group {
  std::vector<uint64_t> offsets;
  std::vector<std::pair<uint64_t, silver::Rule>> tried;  // in this task already, in vain
  uint64_t next = 0;
  bool more = false;
};

class Retrying {
 public:
  Retrying(const RetryPlace& place, const RetryRequest& request, std::string_view memo, TaskControl& control)
      : place_(place), request_(request), control_(control) {
    const RetrySources sources = place.sources();
    filter_ = filter_of(sources);
    resumed_ = !memo.empty();
    if (resumed_) {
      memo_ = decode_retry_memo(memo);
    } else {
      begin(sources);
      control_.remember(encode(memo_));
    }
    recheck_ = resumed_;
    started_ = place.clock.steady_micros();
    done_before_ = memo_.looked();
  }

  std::string run() {
    for (bool more = true; more;) {
      if (control_.cancelled()) return "";
      tell();
      const RetrySources sources = place_.sources();
      const Group group = take(sources);
      if (recheck_) recount(sources, group);
      RetryMemo before = memo_;
      for (const auto& [offset, rule] : group.tried) {
        ++memo_.quarantined;
        memo_.fail(offset, std::string(to_string(rule)), "");
      }
      if (!handle(sources, group)) {
        memo_ = std::move(before);
        recheck_ = true;
        pause(kPause * 10);
        continue;
      }
      recheck_ = false;
      memo_.next = group.next;
      more = group.more;
      control_.remember(encode(memo_));
      keep_rate();
    }
    tell();
    return result_of(memo_, request_.dry_run);
  }

 private:
  query::SilverRequest filter_of(const RetrySources& sources) const {
    auto parsed = query::parse_quarantine_request(sources.log, request_.filters);
    if (const auto* failure = std::get_if<query::Failure>(&parsed))
      throw std::runtime_error(failure->problem.detail);
    return std::get<query::QuarantineRequest>(std::move(parsed)).rows;
  }

  void begin(const RetrySources& sources) {
    {
      std::shared_lock lock(sources.silver.state.mutex());
      memo_.base = sources.silver.position().as_of_offset;
    }
    uint64_t from = 0;
    for (bool more = true; more && !control_.cancelled();) {
      Group group = look(sources, from, ~0ull);
      memo_.total += group.offsets.size();
      from = group.next;
      more = group.more;
    }
  }

  // Rows from `from` on that match, at most so many, and at most some that don't.
  Group look(const RetrySources& sources, uint64_t from, uint64_t most) const {
    Group group;
    group.next = std::max(from, filter_.offsets_from);
    const auto end = std::min<uint64_t>(filter_.offsets_to, static_cast<uint64_t>(memo_.base + 1));
    uint32_t looked = 0;
    std::shared_lock lock(sources.silver.state.mutex());
    sources.silver.tables.scan_quarantined(
        group.next, [&](uint64_t offset, const silver::QuarantineRow& row) {
          if (offset >= end) return false;
          group.next = offset + 1;
          const bool tried = !row.retries.empty() && static_cast<int64_t>(row.retries.back()) > memo_.base;
          if (filter_.keeps(query::quarantine_row(offset, row, sources.silver.tables))) {
            if (tried && row.retry_rule) {
              group.tried.emplace_back(offset, *row.retry_rule);
            } else {
              group.offsets.push_back(offset);
            }
          }
          group.more = ++looked == kLooked || group.offsets.size() == most;
          return !group.more;
        });
    return group;
  }

  Group take(const RetrySources& sources) const {
    const uint64_t most = request_.rate > 0 ? std::clamp<uint64_t>(request_.rate / 4, 1, kGroup) : kGroup;
    Group group = look(sources, memo_.next, request_.dry_run ? kGroup : most);
    if (request_.dry_run) {  // nothing was tried
      for (const auto& [offset, rule] : group.tried) group.offsets.push_back(offset);
      group.tried.clear();
      std::sort(group.offsets.begin(), group.offsets.end());
    }
    return group;
  }

  // Those of the group's range that passed without being counted: before a kill, or an answer that was lost.
  void recount(const RetrySources& sources, const Group& group) {
    if (request_.dry_run) return;
    const uint64_t end = group.more ? group.next : static_cast<uint64_t>(memo_.base + 1);
    std::shared_lock lock(sources.silver.state.mutex());
    sources.silver.tables.scan_retries(
        memo_.next, [&](uint64_t retried, uint64_t retry, const silver::RetryOutcome& outcome) {
          if (retried >= end) return false;
          if (static_cast<int64_t>(retry) > memo_.base && !outcome.rule && !outcome.too_late) ++memo_.passed;
          return true;
        });
  }

  // False: nothing is known of them.
  bool handle(const RetrySources& sources, const Group& group) {
    RetryBatch records(sources.log, request_.edits, place_.limits);
    std::vector<uint64_t> items;  // offsets
    for (uint64_t offset : group.offsets) {
      if (records.add(offset)) {
        items.push_back(offset);
      } else {
        ++memo_.missing;
        memo_.fail(offset, "truncated", "What was sent is not in the log any more.");
      }
    }
    event::EventBatch batch = records.take();
    for (const event::Rejection& rejection : batch.rejections) {
      ++memo_.rejected;
      memo_.fail(items[rejection.index], rejection.problem.code,
                 rejection.problem.pointer + ": " + rejection.problem.detail);
    }
    if (batch.events.empty()) return true;
    std::vector<uint64_t> offsets;
    for (const event::Event& event : batch.events) offsets.push_back(static_cast<uint64_t>(event.retry_of));
    const RetryAnswer answer = request_.dry_run ? rehearse(sources, batch) : submit(std::move(batch));
    if (answer.refusal) return false;
    for (size_t i = 0; i < answer.items.size(); ++i) count(offsets.at(i), answer.items[i]);
    return true;
  }

  void count(uint64_t offset, const RetriedItem& item) {
    switch (item.status) {
      case RetriedItem::Status::accepted:
        ++memo_.passed;
        return;
      case RetriedItem::Status::quarantined:
        ++memo_.quarantined;
        break;
      case RetriedItem::Status::rejected:
        ++memo_.rejected;
        break;
    }
    memo_.fail(offset, item.code, "");
  }

  RetryAnswer rehearse(const RetrySources& sources, const event::EventBatch& batch) {
    RetryAnswer answer;
    if (!rehearsal_ || rehearsed_ > kRehearsed || rehearsed_tables_ != &sources.silver.tables) {
      rehearsal_ = std::make_unique<silver::Rehearsal>(sources.rules, sources.silver.tables);
      rehearsed_on_ = sources.alive;
      rehearsed_tables_ = &sources.silver.tables;
      rehearsed_ = 0;
    }
    std::shared_lock lock(sources.silver.state.mutex());
    const auto next = static_cast<uint64_t>(sources.silver.position().as_of_offset + 1);
    for (const event::Event& event : batch.events) {
      ++rehearsed_;
      const auto rule = rehearsal_->apply(event, batch.lines_of(event), next, {place_.clock.now_micros()});
      using Status = RetriedItem::Status;
      answer.items.push_back(
          {rule ? Status::quarantined : Status::accepted, rule ? std::string(to_string(*rule)) : ""});
    }
    return answer;
  }

  RetryAnswer submit(event::EventBatch batch) const {
    struct Waiting {
      std::mutex mutex;
      std::condition_variable told;
      std::optional<RetryAnswer> answer;
    };
    // The items that were rejected are counted already.
    batch.rejections.clear();
    for (uint32_t i = 0; i < batch.events.size(); ++i) batch.indexes[i] = i;
    batch.item_count = static_cast<uint32_t>(batch.events.size());
    auto waiting = std::make_shared<Waiting>();
    place_.submit(std::move(batch), [waiting](RetryAnswer answer) {
      std::lock_guard lock(waiting->mutex);
      waiting->answer = std::move(answer);
      waiting->told.notify_one();
    });
    std::unique_lock lock(waiting->mutex);
    waiting->told.wait(lock, [&] { return waiting->answer.has_value(); });
    return std::move(*waiting->answer);
  }

  void pause(std::chrono::microseconds time) const {
    const auto until = std::chrono::steady_clock::now() + time;
    while (!control_.cancelled() && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::min<std::chrono::microseconds>(
          kPause,
          std::chrono::duration_cast<std::chrono::microseconds>(until - std::chrono::steady_clock::now())));
  }

  void keep_rate() const {
    if (request_.rate == 0) return;
    const auto due = static_cast<int64_t>((memo_.looked() - done_before_) * 1'000'000 / request_.rate);
    const int64_t ahead = due - (place_.clock.steady_micros() - started_);
    if (ahead > 0) pause(std::chrono::microseconds(ahead));
  }

  void tell() const {
    control_.progress({request_.dry_run ? "trying" : "retrying", memo_.looked(), memo_.total, "records"});
  }

  const RetryPlace& place_;
  const RetryRequest& request_;
  TaskControl& control_;
  query::SilverRequest filter_;
  RetryMemo memo_;
  bool resumed_ = false;
  bool recheck_ = false;  // some of the next group may have been sent
  int64_t started_ = 0;
  uint64_t done_before_ = 0;
  std::unique_ptr<silver::Rehearsal> rehearsal_;
  std::shared_ptr<const void> rehearsed_on_;
  const silver::Tables* rehearsed_tables_ = nullptr;
  uint64_t rehearsed_ = 0;
};

}  // namespace

std::variant<RetryRequest, Refusal> parse_retry(std::string_view parameters) {
  simdjson::dom::parser parser;
  const simdjson::dom::object members = parser.parse(parameters.data(), parameters.size());
  RetryRequest out;
  std::string_view text;
  for (const char* name :
       {"rule", "source", "type", "occurred_at", "received_at", "offset", "event_id", "order_id"})
    if (!members[name].get(text)) out.filters.emplace_back(name, text);
  bool truth = false;
  out.dry_run = !members["dry_run"].get(truth) && truth;
  uint64_t number = 0;
  if (!members["rate"].get(number)) out.rate = number;
  simdjson::dom::object edits;
  if (members["set"].get(edits)) return out;
  for (auto [pointer, value] : edits) {
    if (pointer.empty() || pointer[0] != '/')
      return Refusal{400,
                     {"invalid_value", "/set", "Name places by JSON pointers, such as /lines/0/unit_price."}};
    if (pointer == "/event_id" || pointer == "/source")
      return Refusal{400, {"invalid_value", "/set", "A retry keeps its event_id and source."}};
    out.edits.emplace_back(pointer, simdjson::minify(value));
  }
  return out;
}

std::optional<Refusal> check_retry(const RetryPlace& place, const RetryRequest& request) {
  const RetrySources sources = place.sources();
  auto parsed = query::parse_quarantine_request(sources.log, request.filters);
  if (const auto* failure = std::get_if<query::Failure>(&parsed))
    return Refusal{failure->status, failure->problem};
  return std::nullopt;
}

std::string run_retry(const RetryPlace& place, const RetryRequest& request, std::string_view memo,
                      TaskControl& control) {
  return Retrying(place, request, memo, control).run();
}

}  // namespace lode::admin
