// A node's ingest among scripted neighbours: what the group tells, and what a leader elsewhere answers, is
// said by the test.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>

#include "event/json.h"
#include "ingest/forwarder.h"
#include "ingest/ingest.h"
#include "log/memory_log.h"
#include "property/engine.h"
#include "raft/recovery.h"
#include "raft/replica.h"
#include "record/batch.h"

namespace lode::ingest {

constexpr record::GroupId kGroup{0};
constexpr auto kPatience = std::chrono::seconds(20);
const raft::Server kFirst{{1}, "a:1"}, kThird{{3}, "c:3"};

using Payloads = std::vector<std::shared_ptr<const std::string>>;

inline std::string purchase(int number, const std::string& more = "") {
  std::string n = std::to_string(number);
  return R"({"event_id":"p)" + n +
         R"(","type":"purchase","occurred_at":"2011-01-05T08:26:00Z","order_id":"o)" + n + more +
         R"(","currency":"GBP","lines":[{"sku":"A","quantity":1,"unit_price":"2"}]})";
}

inline event::EventBatch decoded(const std::vector<std::string>& events) {
  event::EventBatch batch;
  event::JsonDecoder decoder;
  std::string array = "[";
  for (const std::string& event : events) array += (array.size() > 1 ? "," : "") + event;
  EXPECT_FALSE(decoder.decode_json(std::make_shared<const std::string>(array + "]"), batch));
  EXPECT_TRUE(batch.rejections.empty());
  return batch;
}

inline std::string payload_of(int number) {
  record::BatchWriter writer;
  const event::EventBatch batch = decoded({purchase(number)});
  writer.add(batch.events.front());
  return writer.encode({1'500'000'000'000'000});
}

// A leader elsewhere that answers when the test does.
class Script final : public Forwarder {
 public:
  struct Call {
    raft::NodeId leader;
    Payloads payloads;
    std::chrono::milliseconds timeout;
    std::function<void(Forwarded)> done;
  };
  void forward(raft::NodeId leader, Payloads payloads, std::chrono::milliseconds timeout,
               std::function<void(Forwarded)> done) override {
    std::lock_guard lock(mutex_);
    calls_.push_back({leader, std::move(payloads), timeout, std::move(done)});
    called_.notify_all();
  }
  Call next() {
    std::unique_lock lock(mutex_);
    if (!called_.wait_for(lock, kPatience, [&] { return !calls_.empty(); }))
      throw std::runtime_error("nothing was forwarded");
    Call call = std::move(calls_.front());
    calls_.pop_front();
    return call;
  }
  bool is_quiet() {
    std::lock_guard lock(mutex_);
    return calls_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable called_;
  std::deque<Call> calls_;
};

class Nowhere final : public raft::Network {
 public:
  void send(raft::NodeId, const std::string&, raft::Message) override {}
};

inline Answer get(std::future<Answer>& answer) {
  if (answer.wait_for(kPatience) != std::future_status::ready) throw std::runtime_error("no answer came");
  return answer.get();
}

inline std::string code_of(const Answer& answer) {
  return answer.refusal ? answer.refusal->problem.code : "taken";
}

// The replica is not started: the test tells what it would.
class Scene : public testing::Test {
 protected:
  void open(Settings chosen = {}, const env::Clock* other_clock = nullptr) {
    ingest.emplace(chosen, log, engine.current, engine.hasher, other_clock ? *other_clock : clock, "");
    raft::ReplicaSettings settings;
    settings.group.engine = {.id = {2}, .address = "b:2"};
    replica.emplace(settings, log, kGroup, nowhere, ingest->listener());
    ingest->set_origin(2);
    ingest->open(*replica, &elsewhere);
    ingest->listener().configured({{kFirst, {{2}, "b:2"}, kThird}}, {1});
  }
  void TearDown() override {
    if (ingest) ingest->stop();
  }

  std::future<Answer> submit(const std::vector<std::string>& events, Ack ack = Ack::applied) {
    auto answer = std::make_shared<std::promise<Answer>>();
    ingest->submit({decoded(events), ack, true},
                   [answer](Answer with) { answer->set_value(std::move(with)); });
    return answer->get_future();
  }
  std::future<Answer> submit(int number) { return submit({purchase(number)}); }

  void leader(const std::optional<raft::Server>& server) { ingest->listener().leader_changed(server); }
  // The next entry of the log is committed.
  void commit(const std::string& payload, std::optional<uint64_t> cookie = std::nullopt) {
    auto owner = std::make_shared<const std::string>(payload);
    const record::EntryIndex index{++last};
    const raft::Committed told{index, index, raft::Entry{{1}, log::EntryType::batch, *owner, owner}, cookie};
    ingest->listener().committed({&told, 1});
  }
  void commit(const Payloads& payloads) {
    for (const auto& payload : payloads) commit(*payload);
  }
  int64_t offset() const { return engine.materializer.position().offset; }

  test::Engine engine{1, {}, std::make_unique<store::MemoryDisk>(test::families())};
  log::MemoryLog log;
  env::SystemClock clock;
  env::ManualClock manual{1'000'000};
  Nowhere nowhere;
  Script elsewhere;
  std::optional<Ingest> ingest;
  std::optional<raft::Replica> replica;
  uint64_t last = 0;
};

}  // namespace lode::ingest
