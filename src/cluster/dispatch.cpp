#include "cluster/dispatch.h"

#include <utility>

#include "cluster/calls.h"
#include "peer/fields.h"

namespace lode::cluster {

namespace {

constexpr int64_t kPatienceMicros = 5'000'000;
constexpr std::chrono::milliseconds kCallTimeout{7000};

CommandAnswer no_leader() {
  return refuse(
      503, "no_leader",
      "The cluster has no leader: fewer than half of its voters reach each other, or an election is "
      "under way. Send the command again.");
}

}  // namespace

Dispatch::Dispatch(raft::NodeId self, Membership& membership, const env::Clock& clock)
    : self_(self), membership_(membership), clock_(clock) {}

void Dispatch::attach(peer::Network& network) {
  network_ = &network;
  network.handle(kCommandKind, [this](const peer::Request& request, const peer::Responder& responder) {
    if (!replica_) return responder.fail("not_ready", "this node is not part of the group yet");
    try {
      membership_.execute(decode_command(request.body.view), [responder](const CommandAnswer& answer) {
        responder.ok(peer::Bytes(encode(answer)));
      });
    } catch (const peer::BadFrame& error) {
      responder.fail("bad_request", error.what());
    }
  });
}

void Dispatch::send(const Command& command, Done done) {
  attempt({command, std::move(done), clock_.steady_micros() + kPatienceMicros});
}

void Dispatch::attempt(Waiting waiting) {
  const auto leader = replica_->leader();
  if (!leader) return answered(waiting, no_leader());
  if (leader->id == self_) {
    const Command command = waiting.command;
    return membership_.execute(command, [this, waiting = std::move(waiting)](CommandAnswer answer) {
      answered(waiting, std::move(answer));
    });
  }
  peer::Bytes body(encode(waiting.command));
  network_->call(
      leader->id, kCommandKind, std::move(body), kCallTimeout,
      [this, waiting = std::move(waiting)](const peer::Answer& answer) {
        if (answer.outcome == peer::Outcome::timed_out || answer.outcome == peer::Outcome::disconnected)
          return answered(waiting, refuse(503, "outcome_unknown",
                                          "The leader was lost before it answered; look at `lodectl "
                                          "cluster status` before the command is sent again."));
        if (answer.outcome != peer::Outcome::ok) return answered(waiting, no_leader());
        try {
          answered(waiting, decode_command_answer(answer.body.view));
        } catch (const peer::BadFrame& error) {
          answered(waiting, refuse(502, "bad_answer", error.what()));
        }
      });
}

void Dispatch::answered(const Waiting& waiting, CommandAnswer answer) {
  if (answer.problem.code == "no_leader" && clock_.steady_micros() < waiting.deadline_micros) {
    std::lock_guard lock(mutex_);
    if (!stopped_) return waiting_.push_back(waiting);
  }
  waiting.done(std::move(answer));
}

void Dispatch::tick() {
  std::vector<Waiting> again;
  {
    std::lock_guard lock(mutex_);
    again.swap(waiting_);
  }
  for (Waiting& one : again) attempt(std::move(one));
}

void Dispatch::stop() {
  std::vector<Waiting> left;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    left.swap(waiting_);
  }
  for (const Waiting& one : left) one.done(no_leader());
}

}  // namespace lode::cluster
