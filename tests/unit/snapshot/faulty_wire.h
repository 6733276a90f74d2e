// Calls from a Fetch to Sources without sockets, on which things go wrong as a test or a seed says.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "snapshot/fetch.h"
#include "snapshot/source.h"

namespace lode::snapshot {

class FaultyWire {
 public:
  struct Odds {  // in a thousand
    int damaged = 0, lost = 0, cut = 0, vanished = 0;
    bool reordered = false;
  };

  explicit FaultyWire(uint64_t seed = 1) : random_(seed) {}

  Call call() {
    return [this](raft::NodeId to, peer::Bytes body, std::chrono::milliseconds timeout, peer::Done done) {
      const Request request = decode_request(body.view);
      Source* source = nullptr;
      {
        std::lock_guard lock(mutex_);
        if (const auto* read = std::get_if<Read>(&request)) {
          reads.push_back(*read);
          asked_bytes += read->length;
        }
        if (const auto found = sources.find(to.value); found != sources.end()) source = found->second;
      }
      if (on_request) on_request(to, request);
      if (!source)
        return done(
            {peer::Outcome::not_sent, "not_connected", "node " + std::to_string(to.value) + " is gone", {}});
      {
        std::lock_guard lock(mutex_);
        ++under_way_;
      }
      source->handle(
          {9}, static_cast<uint32_t>(timeout.count()), std::move(body),
          [this, request, done](peer::Answer answer) { arrived(request, std::move(answer), done); });
    };
  }

  Odds odds;
  std::function<void(raft::NodeId, const Request&)> on_request;  // the fetch's thread
  std::function<void(const Request&, peer::Answer&)> on_answer;  // the source's thread
  std::map<uint64_t, Source*> sources;
  std::vector<Read> reads;
  uint64_t asked_bytes = 0;

 private:
  struct Held {
    peer::Answer answer;
    peer::Done done;
  };

  bool happens(int in_a_thousand) { return static_cast<int>(random_() % 1000) < in_a_thousand; }

  void arrived(const Request& request, peer::Answer answer, const peer::Done& done) {
    std::vector<Held> now;
    {
      std::lock_guard lock(mutex_);
      if (answer.outcome == peer::Outcome::ok && std::holds_alternative<Read>(request)) harm(answer);
      if (on_answer) on_answer(request, answer);
      held_.push_back({std::move(answer), done});
      if (odds.reordered && held_.size() < under_way_) return;
      std::shuffle(held_.begin(), held_.end(), random_);
      under_way_ -= held_.size();
      now.swap(held_);
    }
    for (Held& one : now) one.done(std::move(one.answer));
  }

  void harm(peer::Answer& answer) {
    if (happens(odds.damaged)) {
      std::string bytes(answer.body.view);
      bytes[random_() % bytes.size()] ^= 4;
      if (random_() % 4 == 0) bytes.pop_back();
      answer.body = peer::Bytes(bytes);
    }
    if (happens(odds.lost)) answer = {peer::Outcome::timed_out, "timed_out", "no answer came in time", {}};
    if (happens(odds.cut)) answer = {peer::Outcome::disconnected, "disconnected", "the connection ended", {}};
    if (happens(odds.vanished)) answer = {peer::Outcome::failed, "unknown_snapshot", "it was given up", {}};
  }

  std::mutex mutex_;
  std::mt19937_64 random_;
  std::vector<Held> held_;
  size_t under_way_ = 0;
};

}  // namespace lode::snapshot
