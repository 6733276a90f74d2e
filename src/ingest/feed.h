// What the group tells is committed, as apply wants it: entries that were made here with the submissions that
// wait for them, all others decoded. Tells the proposer of who leads, and of what is lost.
#pragma once

#include "ingest/applier.h"
#include "ingest/committer.h"
#include "ingest/proposer.h"
#include "raft/replica.h"

namespace lode::ingest {

class Feed final : public raft::Listener {
 public:
  Feed(const log::Log& log, record::GroupId group, const store::Hasher& hasher, Proposer& proposer,
       Committer& committer, Applier& applier)
      : log_(log),
        group_(group),
        proposer_(proposer),
        committer_(committer),
        applier_(applier),
        decoder_(hasher) {}

  void committed(std::span<const raft::Committed> entries) override;
  void leading(record::Term term) override;
  void following() override;
  void leader_changed(const std::optional<raft::Server>& leader) override;
  void configured(const raft::Configuration& configuration, record::EntryIndex index) override;
  void lost(std::span<const uint64_t> cookies) override;

 private:
  Committed recognised_or_decoded(record::EntryIndex index, log::EntryType type, std::string_view payload);
  void read(record::EntryIndex first, record::EntryIndex last);

  const log::Log& log_;
  record::GroupId group_;
  Proposer& proposer_;
  Committer& committer_;
  Applier& applier_;
  materialize::EntryDecoder decoder_;
};

}  // namespace lode::ingest
