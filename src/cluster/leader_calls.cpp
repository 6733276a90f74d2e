#include "cluster/leader_calls.h"

#include <utility>

#include "cluster/calls.h"
#include "peer/fields.h"
#include "raft/group.h"

namespace lode::cluster {

namespace {

constexpr uint8_t kProposeKind = 1, kBarrierKind = 5;
constexpr std::chrono::milliseconds kBarrierTimeout{3000};

ingest::Forwarded outcome_of(const peer::Answer& answer) {
  switch (answer.outcome) {
    case peer::Outcome::ok:
      return ingest::Forwarded::taken;
    case peer::Outcome::failed:
      if (answer.code == "unanswered") return ingest::Forwarded::unknown;
      return answer.code == "full" ? ingest::Forwarded::full : ingest::Forwarded::not_leader;
    case peer::Outcome::not_sent:
    case peer::Outcome::unhandled:
      return ingest::Forwarded::not_leader;
    default:
      return ingest::Forwarded::unknown;
  }
}

}  // namespace

ingest::Refusal no_leader_refusal() {
  return {503, {"no_leader", "", "The cluster has no leader at the moment; send the request again."}, 1};
}

void LeaderCalls::attach(peer::Network& network) {
  network_ = &network;
  network.handle(kProposeKind, [this](const peer::Request& request, const peer::Responder& responder) {
    take_proposals(request, responder);
  });
  network.handle(kBarrierKind,
                 [this](const peer::Request&, const peer::Responder& responder) { take_barrier(responder); });
}

void LeaderCalls::take_proposals(const peer::Request& request, const peer::Responder& responder) {
  if (!ingest_) return responder.fail("not_leader", "this node does not lead");
  std::vector<std::shared_ptr<const std::string>> payloads;
  try {
    payloads = decode_payloads(request.body.view);
  } catch (const peer::BadFrame& error) {
    return responder.fail("bad_request", error.what());
  }
  switch (ingest_->propose_foreign(payloads)) {
    case raft::Proposed::taken:
      return responder.ok({});
    case raft::Proposed::full:
      return responder.fail("full", "too much waits to be committed");
    default:
      return responder.fail("not_leader", "this node does not lead");
  }
}

void LeaderCalls::take_barrier(const peer::Responder& responder) {
  if (!ingest_) return responder.fail("no_leader", "this node does not lead");
  ingest_->barrier([responder](const std::optional<ingest::Refusal>& refusal, int64_t offset) {
    if (refusal) return responder.fail("no_leader", refusal->problem.detail);
    std::string bytes;
    peer::FieldWriter(bytes).number(static_cast<uint64_t>(offset));
    responder.ok(peer::Bytes(std::move(bytes)));
  });
}

void LeaderCalls::forward(raft::NodeId leader,
                          const std::vector<std::shared_ptr<const std::string>>& payloads,
                          std::chrono::milliseconds timeout, std::function<void(ingest::Forwarded)> done) {
  network_->call(leader, kProposeKind, peer::Bytes(encode_payloads(payloads)), timeout,
                 [done = std::move(done)](const peer::Answer& answer) { done(outcome_of(answer)); });
}

void LeaderCalls::barrier(raft::NodeId leader, Barrier done) {
  network_->call(
      leader, kBarrierKind, {}, kBarrierTimeout, [done = std::move(done)](const peer::Answer& answer) {
        if (answer.outcome != peer::Outcome::ok || answer.body.view.size() != sizeof(uint64_t))
          return done(no_leader_refusal(), -1);
        done(std::nullopt, static_cast<int64_t>(peer::FieldReader(answer.body.view).number<uint64_t>()));
      });
}

}  // namespace lode::cluster
