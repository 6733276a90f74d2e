// What the group tells is committed, as apply wants it: entries that were proposed here with the submissions
// that wait for them, all others decoded.
#pragma once

#include "ingest/applier.h"
#include "ingest/in_flight.h"
#include "raft/replica.h"

namespace lode::ingest {

class Feed final : public raft::Listener {
 public:
  Feed(const log::Log& log, record::GroupId group, const store::Hasher& hasher, InFlight& in_flight,
       Applier& applier)
      : log_(log), group_(group), in_flight_(in_flight), applier_(applier), decoder_(hasher) {}

  void committed(std::span<const raft::Committed> entries) override;
  void in_doubt(std::span<const uint64_t> cookies) override;
  void lost(std::span<const uint64_t> cookies) override;

 private:
  Committed decoded(record::EntryIndex index, log::EntryType type, std::string_view payload);
  void read(record::EntryIndex first, record::EntryIndex last);

  const log::Log& log_;
  record::GroupId group_;
  InFlight& in_flight_;
  Applier& applier_;
  materialize::EntryDecoder decoder_;
};

}  // namespace lode::ingest
