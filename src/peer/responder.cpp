#include "peer/responder.h"

#include <utility>

#include "peer/call_codec.h"
#include "peer/inbound.h"

namespace lode::peer {
namespace {

Answer failure(std::string code, std::string detail) {
  return {Outcome::failed, std::move(code), std::move(detail), {}};
}

}  // namespace

Responder::Responder(std::shared_ptr<State> state) : state_(std::move(state)) {}

void Responder::ok(Bytes body) const { state_->answer({Outcome::ok, {}, {}, std::move(body)}); }

void Responder::fail(std::string code, std::string detail, Bytes body) const {
  state_->answer({Outcome::failed, std::move(code), std::move(detail), std::move(body)});
}

Responder::State::State(std::shared_ptr<Site> its_site, std::weak_ptr<Inbound> from,
                        std::shared_ptr<Outbox> out, uint64_t id,
                        std::shared_ptr<std::atomic<uint32_t>> counter)
    : site(std::move(its_site)),
      inbound(std::move(from)),
      outbox(std::move(out)),
      correlation(id),
      unanswered(std::move(counter)) {
  ++*unanswered;
}

Responder::State::~State() { answer(failure("unanswered", "the request was given up without an answer")); }

void Responder::State::answer(Answer answer) {
  if (answered.exchange(true)) return;
  --*unanswered;
  if (answer.body.view.size() > kMaxBodyBytes / 2)
    answer = failure("too_large", "the answer is larger than a frame may be");
  auto pushed = outbox->push(Outbox::Lane::calls, encode_response(correlation, std::move(answer)));
  if (pushed.result == Outbox::Push::full) {
    const Answer less = failure("overloaded", "the caller does not take in the answers that wait");
    pushed = outbox->push(Outbox::Lane::calls, encode_response(correlation, less));
  }
  if (pushed.result == Outbox::Push::full) {
    site->post([to = inbound] {
      if (const auto connection = to.lock()) connection->close("it does not take in the answers that wait");
    });
  } else if (pushed.wake) {
    site->post([to = inbound] {
      if (const auto connection = to.lock()) connection->pump();
    });
  }
}

}  // namespace lode::peer
