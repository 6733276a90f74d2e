#include "wire/leader_redirect.h"

#include "wire/problem.h"

namespace lode::wire {
namespace {

NotHere no_leader(std::string detail) { return {{503, {"no_leader", "", std::move(detail)}, 1}, {}}; }

}  // namespace

std::optional<NotHere> refuse_elsewhere(const ClusterServices& cluster) {
  if (!cluster.leader) return std::nullopt;
  auto leader = cluster.leader();
  if (!leader) return no_leader("The cluster has no leader now: ask again in a moment.");
  if (leader->self) return std::nullopt;
  std::string detail = "Node " + std::to_string(leader->id) + " leads the cluster: write there.";
  return NotHere{{307, {"not_leader", "", std::move(detail)}, 0}, std::move(*leader)};
}

std::optional<Response> redirect_write(const ClusterServices& cluster, const Request& request) {
  if (!request.has_header("lode-forward")) return std::nullopt;
  if (request.header("lode-forward") != "no")
    return problem_response(400, "invalid_parameter", "Lode-Forward can only be no.");
  auto elsewhere = refuse_elsewhere(cluster);
  if (!elsewhere) return std::nullopt;
  if (elsewhere->refusal.status == 307 && elsewhere->leader.http.empty())
    elsewhere = no_leader("The leader's HTTP address is not known yet: ask again in a moment.");
  const ingest::Refusal& refusal = elsewhere->refusal;
  Response response = problem_response(refusal.status, refusal.problem, refusal.retry_after_seconds);
  if (refusal.status == 307)
    response.headers.emplace_back("Location", "http://" + elsewhere->leader.http + request.target);
  return response;
}

}  // namespace lode::wire
