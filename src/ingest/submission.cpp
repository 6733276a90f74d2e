#include "ingest/submission.h"

#include <algorithm>
#include <utility>

namespace lode::ingest {

namespace {

std::string quarantine_detail(silver::Rule rule) {
  if (rule == silver::Rule::unknown_order)
    return "The event waits in quarantine and is applied by itself when its order arrives.";
  return "The event is kept in quarantine by the rule '" + std::string(silver::to_string(rule)) +
         "'; correct it and retry it from there.";
}

ItemResult result_of_event(const Submission& submission, uint32_t number, size_t& next_quarantined) {
  const sequence::ItemVerdict& verdict = submission.verdicts[number];
  ItemResult item;
  item.index = submission.request.batch.indexes[number];
  item.offset = static_cast<int64_t>(verdict.offset.value);
  switch (verdict.verdict) {
    case sequence::Verdict::accepted:
      if (next_quarantined < submission.quarantined.size() &&
          submission.quarantined[next_quarantined].first == number) {
        silver::Rule rule = submission.quarantined[next_quarantined++].second;
        item.status = ItemResult::Status::quarantined;
        item.problem = {std::string(silver::to_string(rule)), "", quarantine_detail(rule)};
      }
      break;
    case sequence::Verdict::duplicate:
      item.status = ItemResult::Status::duplicate;
      break;
    case sequence::Verdict::conflict:
      item.status = ItemResult::Status::rejected;
      item.problem = {"event_id_conflict", "/event_id",
                      "Another event with this source and event_id is at offset " +
                          std::to_string(verdict.offset.value) +
                          "; give a different event its own event_id."};
      break;
  }
  return item;
}

void count(const ItemResult& item, WriteResult& result) {
  switch (item.status) {
    case ItemResult::Status::accepted:
    case ItemResult::Status::quarantined:
      ++result.accepted;
      if (result.first_offset < 0 || item.offset < result.first_offset) result.first_offset = item.offset;
      result.last_offset = std::max(result.last_offset, item.offset);
      break;
    case ItemResult::Status::duplicate:
      ++result.duplicates;
      break;
    case ItemResult::Status::rejected:
      ++result.rejected;
      break;
  }
}

}  // namespace

uint32_t size_of(const Submission& submission) {
  return static_cast<uint32_t>(submission.request.batch.events.size());
}

bool claim(Submission& submission) { return !submission.claimed.exchange(true); }

void answer(Submission& submission, Answer with) {
  submission.done(std::move(with));
  submission.done = nullptr;
}

bool settle(Submission& submission, uint32_t events) {
  return submission.settled.fetch_add(events) + events == size_of(submission);
}

WriteResult result_of(const Submission& submission) {
  const event::EventBatch& batch = submission.request.batch;
  WriteResult result;
  size_t rejection = 0, next_quarantined = 0;
  auto reject_up_to = [&](uint64_t index) {
    for (; rejection < batch.rejections.size() && batch.rejections[rejection].index < index; ++rejection) {
      const event::Rejection& rejected = batch.rejections[rejection];
      result.results.push_back({rejected.index, ItemResult::Status::rejected, -1, rejected.problem});
      ++result.rejected;
    }
  };
  for (uint32_t number = 0; number < batch.events.size(); ++number) {
    reject_up_to(batch.indexes[number]);
    ItemResult item = result_of_event(submission, number, next_quarantined);
    count(item, result);
    if (submission.request.all_results || item.status != ItemResult::Status::accepted)
      result.results.push_back(std::move(item));
  }
  reject_up_to(UINT64_MAX);
  return result;
}

}  // namespace lode::ingest
