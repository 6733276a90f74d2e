// What a cluster asks of the node that it is a part of.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cluster/command.h"
#include "cluster/facts.h"
#include "cluster/join.h"
#include "store/checkpoint.h"

namespace lode::cluster {

class Host {
 public:
  virtual ~Host() = default;

  struct State {
    uint64_t applied = 0;  // entry
    int64_t applied_offset = -1;
    store::Digest hash;  // at applied_offset
    std::vector<Mark> marks;
    uint32_t level = 1;
    uint64_t ruleset_hash = 0;
    Build build;
  };
  // May wait for the state's mutex.
  virtual State state() const = 0;
  // Everything that the log's controls have said: the ruleset, what is announced, the level. Opaque here.
  virtual std::string controls() const = 0;

  // Keeps the secret and the controls of the cluster that this empty node joins; durable when it returns.
  virtual void take(const Join& join) = 0;
  // The engine is made anew in this process, soon: its folder is of a cluster now, or, with `alone`, this
  // node is to become the only member of its group.
  enum class Restart { again, alone };
  virtual void restart(Restart how) = 0;

  // Of the ruleset that holds. Throws std::runtime_error with a sentence.
  virtual uint64_t ruleset_hash(const std::string& controls) const = 0;
  // Serves a state that was fetched into `folder` in place of its own; durable when it returns. The pack was
  // asked for after the state was made, so that it misses no control. Throws when the two are of different
  // rulesets, or can't be used.
  virtual void adopt(const std::filesystem::path& folder, const Join& pack) = 0;

  // A copy of the state on the disk, by hard links, into a folder that is not there yet. Throws.
  virtual store::Checkpoint checkpoint(const std::filesystem::path& folder) = 0;

  // On the leader; the answer to the operator.
  virtual CommandAnswer propose_ruleset(const std::string& text) = 0;
  virtual CommandAnswer propose_level(uint32_t level) = 0;
  // A change of the views, or a look at what would come of it. `short_logs`: other members whose log has lost
  // its beginning, who can't build anything anew.
  virtual CommandAnswer change_views(const std::string& action, const std::string& body,
                                     const std::vector<uint64_t>& short_logs) = 0;
  // Every member has built what was announced.
  virtual void propose_switch() = 0;
};

}  // namespace lode::cluster
