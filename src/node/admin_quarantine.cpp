#include "node/admin_quarantine.h"

#include "admin/quarantine_retry.h"
#include "node/limits.h"

namespace lode::node {

namespace {

using admin::Refusal;
using admin::RetriedItem;

RetriedItem item_of(const ingest::ItemResult& result) {
  using Status = ingest::ItemResult::Status;
  if (result.status == Status::quarantined) return {RetriedItem::Status::quarantined, result.problem.code};
  if (result.status == Status::rejected) return {RetriedItem::Status::rejected, result.problem.code};
  return {};
}

admin::RetryPlace place_of(const AdminParts& parts) {
  return {
      .sources =
          [sources = parts.sources] {
            auto of = sources();
            return admin::RetrySources{of, of->silver, of->log, of->generation->ruleset().silver};
          },
      .submit =
          [&ingest = parts.ingest](event::EventBatch batch, std::function<void(admin::RetryAnswer)> done) {
            ingest::Request request{
                .batch = std::move(batch), .ack = ingest::Ack::applied, .all_results = true};
            ingest.submit(std::move(request), [done = std::move(done)](const ingest::Answer& answer) {
              admin::RetryAnswer out;
              if (answer.refusal) out.refusal = answer.refusal->problem;
              for (const ingest::ItemResult& result : answer.result.results)
                out.items.push_back(item_of(result));
              done(std::move(out));
            });
          },
      .clock = parts.clock,
      .limits = limits_of(parts.config)};
}

admin::RetryRequest checked(std::string_view parameters) {
  auto parsed = admin::parse_retry(parameters);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) throw std::runtime_error(refusal->problem.detail);
  return std::get<admin::RetryRequest>(std::move(parsed));
}

}  // namespace

void add_quarantine_retry(admin::Tasks& tasks, const AdminParts& parts) {
  const auto place = std::make_shared<const admin::RetryPlace>(place_of(parts));
  tasks.add({"quarantine-retry",
             [place](std::string_view parameters) -> std::optional<Refusal> {
               const auto parsed = admin::parse_retry(parameters);
               if (const auto* refusal = std::get_if<Refusal>(&parsed)) return *refusal;
               return admin::check_retry(*place, std::get<admin::RetryRequest>(parsed));
             },
             [place](std::string_view parameters, std::string_view memo, admin::TaskControl& control) {
               return admin::run_retry(*place, checked(parameters), memo, control);
             }});
}

}  // namespace lode::node
