#include <gtest/gtest.h>

#include "log/memory_log.h"
#include "raft/replica.h"

namespace lode::raft {
namespace {

// A disk that is full after so many appends.
class FullLog final : public log::Log {
 public:
  explicit FullLog(int appends) : left_(appends) {}
  void append(record::GroupId group, std::span<const log::Entry> entries) override {
    if (left_-- <= 0) throw log::WriteFailed("log: write failed: no space left");
    log_.append(group, entries);
  }
  std::optional<log::StoredEntry> read(record::GroupId group, record::EntryIndex index) const override {
    return log_.read(group, index);
  }
  void scan(record::GroupId group, record::EntryIndex from,
            const std::function<bool(const log::StoredEntry&)>& visit) const override {
    log_.scan(group, from, visit);
  }
  void scan_headers(record::GroupId group, record::EntryIndex from,
                    const std::function<bool(const log::EntryHead&)>& visit) const override {
    log_.scan_headers(group, from, visit);
  }
  record::EntryIndex first_index(record::GroupId group) const override { return log_.first_index(group); }
  record::EntryIndex last_index(record::GroupId group) const override { return log_.last_index(group); }
  void truncate_prefix(record::GroupId group, record::EntryIndex first) override {
    log_.truncate_prefix(group, first);
  }
  void truncate_suffix(record::GroupId group, record::EntryIndex from) override {
    log_.truncate_suffix(group, from);
  }
  void archive(record::GroupId group, std::string_view chunk) override { log_.archive(group, chunk); }
  record::EntryIndex last_archived(record::GroupId group) const override { return log_.last_archived(group); }
  std::vector<log::ArchivedChunk> chunks(record::GroupId group) const override { return log_.chunks(group); }
  void reclaim(record::GroupId group) override { log_.reclaim(group); }
  void put_meta(std::string_view key, std::string_view value) override { log_.put_meta(key, value); }
  std::optional<std::string> get_meta(std::string_view key) const override { return log_.get_meta(key); }
  uint64_t payload_bytes(record::GroupId group) const override { return log_.payload_bytes(group); }
  record::EntryIndex last_beyond(record::GroupId group, uint64_t kept) const override {
    return log_.last_beyond(group, kept);
  }
  uint64_t disk_bytes() const override { return 0; }

 private:
  log::MemoryLog log_;
  int left_;
};

struct NoNetwork final : Network {
  void send(NodeId, const std::string&, Message) override {}
};
struct NoListener final : Listener {
  void committed(std::span<const Committed>) override {}
};

TEST(ReplicaDeathTest, AWriteThatFailsEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto fail = [] {
    FullLog log(2);  // the configuration, and the first entry of the term
    NoNetwork network;
    NoListener listener;
    bootstrap(log, {0}, {{{{1}, "n1"}}});
    ReplicaSettings settings;
    settings.group.engine.id = {1};
    settings.group.engine.address = "n1";
    Replica replica(settings, log, {0}, network, listener);
    replica.start({});
    const Proposal proposal{"x", nullptr, 1};
    replica.propose({&proposal, 1});
  };
  EXPECT_DEATH(fail(), "no space left");
}

}  // namespace
}  // namespace lode::raft
