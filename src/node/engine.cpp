#include "node/engine.h"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <shared_mutex>

#include "log/rocksdb_log.h"
#include "materialize/log_gap.h"
#include "node/ruleset.h"
#include "node/status.h"
#include "raft/recovery.h"
#include "raft/replica.h"
#include "store/bytes.h"
#include "store/rocksdb_disk.h"

namespace lode::node {

namespace {

constexpr record::GroupId kGroup{0};

// The secret that keys the id hashes; made at the cluster's first start, kept in the log's own facts.
store::Hasher hasher_of(log::Log& log) {
  std::array<uint8_t, 16> secret{};
  auto kept = log.get_meta("secret");
  if (!kept) {
    if (sodium_init() < 0) throw std::runtime_error("the system has no source of random numbers");
    randombytes_buf(secret.data(), secret.size());
    log.put_meta("secret", {reinterpret_cast<const char*>(secret.data()), secret.size()});
    return store::Hasher(secret);
  }
  if (kept->size() != secret.size()) throw std::runtime_error("the log's secret is damaged");
  std::copy(kept->begin(), kept->end(), secret.begin());
  return store::Hasher(secret);
}

std::unique_ptr<log::Log> open_log(const Config& config) {
  if (std::filesystem::create_directories(config.data_dir))
    std::filesystem::permissions(config.data_dir, std::filesystem::perms::owner_all);
  return std::make_unique<log::RocksDbLog>(log::RocksDbLogOptions{.path = config.data_dir + "/log"});
}

std::filesystem::path state_folder(const Config& config) {
  return std::filesystem::path(config.data_dir) / "state";
}

void report_trouble(const std::string& trouble) {
  if (trouble.empty()) return spdlog::info("the state is on the disk again");
  spdlog::warn("{}; it is tried again every second, meanwhile the log holds everything", trouble);
}

ingest::Settings ingest_settings(const Config& config) {
  ingest::Settings settings;
  settings.queue_events = static_cast<uint32_t>(config.queue_events);
  settings.queue_bytes = config.queue_bytes;
  settings.reserved_disk_bytes = config.reserved_disk_bytes;
  settings.zstd_level = static_cast<int>(config.zstd_level);
  return settings;
}

raft::ReplicaSettings replica_settings(const Config& config) {
  raft::ReplicaSettings settings;
  settings.group.engine.id = {config.cluster_id};
  settings.group.engine.address = config.cluster_listen;
  // An entry holds one event at least; what zstd can't make smaller grows by a little.
  settings.group.entry_bytes = std::max<size_t>(settings.group.entry_bytes, 2 * config.event_bytes);
  return settings;
}

// A group of one talks to nobody.
struct NoPeers final : raft::Network {
  void send(raft::NodeId, const std::string&, raft::Message) override {}
};

// A new folder, and one of the time before there were groups, becomes a group of this node alone.
void join_group(log::Log& log, const Config& config) {
  if (raft::is_grouped(log, kGroup)) return;
  raft::Server self{{config.cluster_id}, config.cluster_listen, raft::Role::voter};
  raft::bootstrap(log, kGroup, {{self}});
}

}  // namespace

struct Engine::Impl {
  Impl(const Config& chosen, const env::Clock& clock)
      : config(chosen),
        log(open_log(config)),
        hasher(hasher_of(*log)),
        current(open_generation(), applied),
        ingest(ingest_settings(config), *log, current, hasher, clock, config.data_dir),
        replica(replica_settings(config), *log, kGroup, no_peers, ingest.listener()) {
    if (!current.get()->dropped_rows()) return;
    spdlog::info("the ruleset changed: silver and gold are rebuilt from the log");
    why_rebuild = "rebuilding for a changed ruleset";
  }

  std::shared_ptr<materialize::Generation> open_generation() {
    materialize::Ruleset ruleset = configured_ruleset(config);
    auto open = [&](const std::vector<store::Family>& families) {
      auto disk = std::make_unique<store::RocksDbDisk>(state_folder(config), families);
      const store::Checkpoint at = store::checkpoint_of(*disk->snapshot());
      if (at.entry_index > 0 && at.ruleset_hash != ruleset.hash())  // its rows would be dropped
        materialize::require_replayable(*log, kGroup, {0}, "the ruleset changed");
      return disk;
    };
    materialize::Settings settings{static_cast<uint32_t>(config.epoch_events), config.epoch_bytes};
    return std::make_shared<materialize::Generation>(ruleset, hasher, settings, open, report_trouble);
  }

  Config config;
  std::unique_ptr<log::Log> log;
  store::Hasher hasher;
  materialize::Applied applied;
  materialize::Current current;
  std::string why_rebuild;  // "" when the state goes on from its checkpoint
  ingest::Ingest ingest;
  NoPeers no_peers;
  raft::Replica replica;

  std::atomic<bool> ready = false;
  std::atomic<bool> stopped = false;
};

Engine::Engine(const Config& config, const env::Clock& clock, State state) {
  auto rebuild = [&](const std::exception& why) {
    materialize::require_replayable(*open_log(config), kGroup, {0}, "the state can't be used");
    spdlog::warn("{}; the state is removed and made anew from the log", why.what());
    store::RocksDbDisk::remove(state_folder(config));
    impl_ = std::make_unique<Impl>(config, clock);
    impl_->why_rebuild = "rebuilding a state that could not be used";
  };
  // Only the state throws these: the log is whole, and open again a moment later.
  try {
    if (state == State::removed) throw store::Damaged("the state is damaged");
    impl_ = std::make_unique<Impl>(config, clock);
  } catch (const store::UnknownFamily& error) {
    rebuild(error);
  } catch (const store::Damaged& error) {
    rebuild(error);
  }
}

Engine::~Engine() { stop(); }

void Engine::recover(const std::atomic<bool>& stopping) {
  auto generation = impl_->current.get();
  auto applied = [&] { return generation->materializer().applied_entry().value; };
  uint64_t from = applied(), to = impl_->log->last_index(kGroup).value;
  if (from > to)
    throw std::runtime_error("the log ends at entry " + std::to_string(to) +
                             ", but the state was made of entries up to " + std::to_string(from) +
                             ": the log is damaged, or one of the two is of another data folder");
  join_group(*impl_->log, impl_->config);
  raft::claim(*impl_->log, kGroup, {impl_->config.cluster_id});
  to = impl_->log->last_index(kGroup).value;
  if (from < to) spdlog::info("replaying log entries {} to {}", from + 1, to);
  generation->replay(*impl_->log, kGroup, [&](record::EntryIndex) { return !stopping; });
  if (stopping) return;
  if (applied() != to)
    throw std::runtime_error("the log ends at entry " + std::to_string(to) + ", but replay ended at entry " +
                             std::to_string(applied()));
  impl_->replica.start({to});
  if (impl_->replica.status().state != raft::State::leader)
    throw std::logic_error("the only voter of a group is not its leader");
  impl_->ingest.open(impl_->replica);
  impl_->ready = true;
}

void Engine::stop() {
  if (impl_->stopped.exchange(true)) return;
  impl_->ingest.stop();
  auto generation = impl_->current.get();
  generation->state().give_up();
  try {
    generation->materializer().checkpoint();
  } catch (const std::exception& error) {
    spdlog::warn("the state is behind the log, which the next start replays: {}", error.what());
  }
}

std::string Engine::not_ready() const {
  if (impl_->stopped) return "stopping";
  if (impl_->ready) return "";
  return (impl_->why_rebuild.empty() ? "replaying the log" : impl_->why_rebuild) + ": entry " +
         std::to_string(generation()->materializer().applied_entry().value) + " of " +
         std::to_string(impl_->log->last_index(kGroup).value);
}

std::string Engine::status_json() const {
  auto generation = impl_->current.get();
  NodeFacts facts;
  facts.generation = generation.get();
  facts.cluster_id = impl_->config.cluster_id;
  {
    std::shared_lock lock(generation->state().mutex());
    facts.dictionary_size = generation->tables().dictionary().size();
    facts.ids = generation->ids().size();
    facts.state_hash = generation->materializer().state_hash();
    for (const gold::View& view : generation->gold().views())
      facts.views.push_back({&view, generation->gold().last_change(view)});
  }
  return status_of(*this, facts);
}

ingest::Ingest& Engine::ingest() { return impl_->ingest; }
const ingest::Ingest& Engine::ingest() const { return impl_->ingest; }
materialize::Applied& Engine::applied() { return impl_->applied; }
const log::Log& Engine::log() const { return *impl_->log; }
record::EntryIndex Engine::committed_entry() const { return impl_->log->last_index(kGroup); }

std::shared_ptr<const materialize::Generation> Engine::generation() const { return impl_->current.get(); }

std::shared_ptr<const Sources> Engine::sources() const {
  return std::make_shared<const Sources>(impl_->current.get(), *impl_->log);
}

}  // namespace lode::node
