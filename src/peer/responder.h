// Where one request's answer goes.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "peer/call.h"
#include "peer/outbox.h"

namespace lode::peer {

class Inbound;
class Site;

// The connection may be gone by the time of the answer: then the answer is dropped, and the caller knows.
struct Responder::State {
  State(std::shared_ptr<Site> its_site, std::weak_ptr<Inbound> from, std::shared_ptr<Outbox> out, uint64_t id,
        std::shared_ptr<std::atomic<uint32_t>> counter);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void answer(Answer answer);

  const std::shared_ptr<Site> site;
  const std::weak_ptr<Inbound> inbound;
  const std::shared_ptr<Outbox> outbox;
  const uint64_t correlation;
  const std::shared_ptr<std::atomic<uint32_t>> unanswered;
  std::atomic<bool> answered{false};
};

}  // namespace lode::peer
