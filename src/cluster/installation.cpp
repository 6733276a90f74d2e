#include "cluster/installation.h"

#include <fmt/format.h>
#include <pthread.h>

#include <future>
#include <utility>

#include "env/log.h"
#include "peer/fields.h"
#include "raft/configuration.h"

namespace lode::cluster {

namespace {
constexpr std::chrono::milliseconds kPackTimeout{3000};
constexpr std::chrono::milliseconds kPause{250};
}  // namespace

Installation::Installation(std::filesystem::path folder, uint64_t reserved_disk_bytes, Host& host,
                           Members& members, peer::Network& network)
    : folder_(std::move(folder)),
      reserved_disk_bytes_(reserved_disk_bytes),
      host_(host),
      members_(members),
      network_(network) {}

Installation::~Installation() { stop(); }

void Installation::start(raft::Replica& replica) {
  replica_ = &replica;
  thread_ = std::thread([this] { run(); });
}

void Installation::start(record::EntryIndex least, std::function<void()> done) {
  thread_ = std::thread([this, least, done = std::move(done)] { run_alone(least, done); });
}

void Installation::begin(const raft::Snapshot& snapshot, const raft::Server& leader) {
  {
    std::lock_guard lock(mutex_);
    wanted_ = {snapshot, leader.id};
  }
  wake_.notify_one();
}

snapshot::FetchProgress Installation::progress() const {
  std::lock_guard lock(mutex_);
  return fetch_ ? fetch_->progress() : snapshot::FetchProgress{};
}

std::pair<uint64_t, uint64_t> Installation::bytes() const {
  const snapshot::FetchProgress progress = this->progress();
  return {progress.done_bytes, progress.of_bytes};
}

std::string Installation::text() const {
  const snapshot::FetchProgress progress = this->progress();
  std::string out = "the state is being fetched from another node";
  if (progress.of_bytes > 0)
    out += fmt::format(": {} of {} bytes", progress.done_bytes, progress.of_bytes);
  else if (!progress.doing.empty())
    out += ": " + progress.doing;
  if (!progress.trouble.empty()) out += " (" + progress.trouble + ")";
  return out;
}

void Installation::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (fetch_) fetch_->cancel();
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Installation::run() {
  pthread_setname_np(pthread_self(), "lode-install");
  for (;;) {
    Wanted next;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || wanted_; });
      if (stopping_) return;
      next = std::move(*wanted_);
      wanted_.reset();
    }
    replica_->install_done(next.snapshot, install_safely(next));
  }
}

void Installation::run_alone(record::EntryIndex least, const std::function<void()>& done) {
  pthread_setname_np(pthread_self(), "lode-install");
  Wanted wanted;
  wanted.snapshot.index = least;
  for (;;) {
    const auto node = connected_after(wanted.leader);
    wanted.leader = node.value_or(raft::NodeId{});
    if (node && install_safely(wanted)) return done();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kPause, [this] { return stopping_; });
    if (stopping_) return;
  }
}

bool Installation::install_safely(const Wanted& wanted) {
  bool done = false;
  try {
    done = install(wanted);
  } catch (const std::exception& error) {
    env::log_error("install.failed", fmt::format("the state could not be taken over: {}", error.what()),
                   {{"error", error.what()}});
  }
  std::lock_guard lock(mutex_);
  fetch_ = nullptr;
  return done;
}

// In turn.
std::optional<raft::NodeId> Installation::connected_after(raft::NodeId node) const {
  std::optional<raft::NodeId> first, next;
  for (const peer::LinkStatus& link : network_.links()) {
    if (!link.connected) continue;
    if (!first) first = link.node;
    if (!next && link.node > node) next = link.node;
  }
  return next ? next : first;
}

bool Installation::install(const Wanted& wanted) {
  if (host_.state().applied >= wanted.snapshot.index.value) return true;  // only the log is behind
  env::log_info("install.begun",
                fmt::format("a state at entry {} or later is needed: fetching it from another node",
                            wanted.snapshot.index.value),
                {{"entry", wanted.snapshot.index.value}});
  const auto pack = ask_pack(wanted.leader);
  return pack && fetch(wanted, *pack);
}

std::optional<Join> Installation::ask_pack(raft::NodeId node) {
  auto answered = std::make_shared<std::promise<peer::Answer>>();
  auto future = answered->get_future();
  network_.call(node, Exchange::kPackKind, {}, kPackTimeout,
                [answered](peer::Answer answer) { answered->set_value(std::move(answer)); });
  const peer::Answer answer = future.get();
  if (answer.outcome == peer::Outcome::ok) return decode_join(answer.body.view);
  env::log_warning(
      "install.failed",
      fmt::format("node {} does not say what its state is made under: {}", node.value, answer.detail),
      {{"node", node.value}, {"error", answer.detail}});
  return std::nullopt;
}

bool Installation::fetch(const Wanted& wanted, const Join& pack) {
  auto call = [this](raft::NodeId to, peer::Bytes body, std::chrono::milliseconds timeout, peer::Done done) {
    network_.call(to, snapshot::kCallKind, std::move(body), timeout, std::move(done));
  };
  // The leader first; when it fails, whoever is connected, in turn.
  auto choose = [this, &wanted](std::optional<raft::NodeId> failed) -> std::optional<raft::NodeId> {
    return failed ? connected_after(*failed) : wanted.leader;
  };
  auto fetch = std::make_shared<snapshot::Fetch>(
      snapshot::FetchSettings{.folder = folder_, .reserved_disk_bytes = reserved_disk_bytes_}, call,
      snapshot::Wanted{.least_entry = wanted.snapshot.index.value,
                       .ruleset_hash = host_.ruleset_hash(pack.controls)},
      choose);
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
    fetch_ = fetch;
  }
  const auto fetched = fetch->run();
  if (!fetched) return false;
  // Anew, from whom the state came: a control may have been between the two.
  const raft::NodeId from = fetch->progress().from;  // 0: an earlier process had fetched it
  const auto pack_after = ask_pack(from.value ? from : wanted.leader);
  if (!pack_after) return false;
  host_.adopt(fetched->folder, *pack_after);
  env::log_info(
      "install.done",
      fmt::format("the state of another node is in place here, at entry {}", fetched->checkpoint.entry_index),
      {{"entry", fetched->checkpoint.entry_index}});
  return true;
}

}  // namespace lode::cluster
