#include "node/engine.h"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <shared_mutex>

#include "log/rocksdb_log.h"
#include "node/ruleset.h"
#include "node/status.h"
#include "raft/recovery.h"
#include "raft/replica.h"
#include "silver/tables.h"
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

std::vector<store::Part*> parts_of(store::HashIndex& ids, sequence::BatchIndex& index, silver::Tables& tables,
                                   gold::Gold& gold) {
  std::vector<store::Part*> parts{&ids, &index.table()};
  for (store::Part* part : tables.parts()) parts.push_back(part);
  parts.push_back(&gold);
  return parts;
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
        silver_rules(silver_settings(config)),
        log(open_log(config)),
        hasher(hasher_of(*log)),
        ids("ids", true),
        tables(hasher),
        gold(configured_views(config), config.time_zone, tables.dictionary().text_hashes()),
        state(std::make_unique<store::RocksDbDisk>(state_folder(config),
                                                   store::families_of(parts_of(ids, index, tables, gold))),
              parts_of(ids, index, tables, gold), report_trouble),
        rules_hash(node::ruleset_hash(silver_rules, gold.ruleset_hash())),
        why_rebuild(drop_foreign_state() ? "rebuilding for a changed ruleset" : ""),
        silver(silver_rules, tables, gold),
        sequencer(ids, index),
        materializer({static_cast<uint32_t>(config.epoch_events), config.epoch_bytes}, state, sequencer,
                     silver, gold, applied, rules_hash),
        ingest(ingest_settings(config), *log, materializer, hasher, clock, config.data_dir),
        replica(replica_settings(config), *log, kGroup, no_peers, ingest.listener()) {}

  // True: the state on the disk was made by another ruleset, and is gone now.
  bool drop_foreign_state() {
    store::Checkpoint at = state.checkpoint();
    if (at.entry_index == 0 || at.ruleset_hash == rules_hash) return false;
    spdlog::info("the ruleset changed: silver and gold are rebuilt from the log");
    state.clear();
    return true;
  }

  Config config;
  silver::Settings silver_rules;
  std::unique_ptr<log::Log> log;
  store::Hasher hasher;
  store::HashIndex ids;
  sequence::BatchIndex index;
  silver::Tables tables;
  gold::Gold gold;
  store::State state;
  uint64_t rules_hash;
  std::string why_rebuild;  // "" when the state goes on from its checkpoint
  silver::Silver silver;
  sequence::Sequencer sequencer;
  materialize::Applied applied;
  materialize::Materializer materializer;
  ingest::Ingest ingest;
  NoPeers no_peers;
  raft::Replica replica;

  std::atomic<bool> ready = false;
  std::atomic<bool> stopped = false;
};

Engine::Engine(const Config& config, const env::Clock& clock, State state) {
  auto rebuild = [&](const std::exception& why) {
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
  uint64_t from = impl_->materializer.applied_entry().value, to = impl_->log->last_index(kGroup).value;
  if (from > to)
    throw std::runtime_error("the log ends at entry " + std::to_string(to) +
                             ", but the state was made of entries up to " + std::to_string(from) +
                             ": the log is damaged, or one of the two is of another data folder");
  join_group(*impl_->log, impl_->config);
  raft::claim(*impl_->log, kGroup, {impl_->config.cluster_id});
  to = impl_->log->last_index(kGroup).value;
  if (from < to) spdlog::info("replaying log entries {} to {}", from + 1, to);
  uint64_t most = (to - from) * sequence::kMaxEntryItems;  // records that may come
  impl_->ids.await_filter(most);
  impl_->tables.order_index().await_filter(most);
  impl_->materializer.replay(*impl_->log, kGroup, impl_->hasher,
                             [&](record::EntryIndex) { return !stopping; });
  if (stopping) return;
  if (impl_->materializer.applied_entry().value != to)
    throw std::runtime_error("the log ends at entry " + std::to_string(to) + ", but replay ended at entry " +
                             std::to_string(impl_->materializer.applied_entry().value));
  impl_->replica.start({to});
  if (impl_->replica.status().state != raft::State::leader)
    throw std::logic_error("the only voter of a group is not its leader");
  impl_->ingest.open(impl_->replica);
  impl_->ready = true;
}

void Engine::stop() {
  if (impl_->stopped.exchange(true)) return;
  impl_->ingest.stop();
  impl_->state.give_up();
  try {
    impl_->materializer.checkpoint();
  } catch (const std::exception& error) {
    spdlog::warn("the state is behind the log, which the next start replays: {}", error.what());
  }
}

std::string Engine::not_ready() const {
  if (impl_->stopped) return "stopping";
  if (impl_->ready) return "";
  return (impl_->why_rebuild.empty() ? "replaying the log" : impl_->why_rebuild) + ": entry " +
         std::to_string(impl_->materializer.applied_entry().value) + " of " +
         std::to_string(impl_->log->last_index(kGroup).value);
}

std::string Engine::status_json() const {
  NodeFacts facts;
  facts.cluster_id = impl_->config.cluster_id;
  facts.ruleset_hash = impl_->rules_hash;
  {
    std::shared_lock lock(impl_->state.mutex());
    facts.dictionary_size = impl_->tables.dictionary().size();
    facts.ids = impl_->ids.size();
    facts.state_hash = impl_->materializer.state_hash();
    for (const gold::View& view : impl_->gold.views())
      facts.views.push_back({&view, impl_->gold.last_change(view)});
  }
  return status_of(*this, facts);
}

ingest::Ingest& Engine::ingest() { return impl_->ingest; }
const ingest::Ingest& Engine::ingest() const { return impl_->ingest; }
materialize::Applied& Engine::applied() { return impl_->applied; }
const materialize::Materializer& Engine::materializer() const { return impl_->materializer; }
const store::State& Engine::state() const { return impl_->state; }
const log::Log& Engine::log() const { return *impl_->log; }
uint64_t Engine::ruleset_hash() const { return impl_->rules_hash; }
record::EntryIndex Engine::committed_entry() const { return impl_->log->last_index(kGroup); }

namespace {
std::function<query::Position()> position_of(const materialize::Materializer& materializer) {
  return [&materializer] {
    materialize::AppliedPosition at = materializer.position();
    return query::Position{at.offset, at.record_micros};
  };
}
}  // namespace

query::GoldSource Engine::gold_source() const {
  return {impl_->state, impl_->gold, impl_->tables.dictionary(), position_of(impl_->materializer)};
}

query::SilverSource Engine::silver_source() const {
  return {impl_->state, impl_->tables, position_of(impl_->materializer)};
}

query::LogSource Engine::log_source() const {
  return {impl_->state, *impl_->log, impl_->index, position_of(impl_->materializer)};
}

}  // namespace lode::node
