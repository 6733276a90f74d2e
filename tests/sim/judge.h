// What must hold in every run, checked as it happens. Throws Violation.
// * An index, once committed anywhere, has one term and one content for ever, and every node applies the same
//   sequence without a gap.
// * A term has one leader.
// * What was acknowledged is committed, as proposed, once. What was called lost never is.
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "raft/message.h"

namespace lode::sim {

class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A node's state: the chain of all entries up to `applied`.
struct Chain {
  uint64_t applied = 0;
  uint64_t hash = 0;
};

class Judge {
 public:
  void leads(raft::NodeId node, record::Term term);
  // The node applies the entry behind chain.applied.
  void applies(raft::NodeId node, Chain& chain, record::Term term, log::EntryType type,
               std::string_view payload);
  void acknowledged(uint64_t cookie, uint64_t index, std::string_view payload);
  void lost(uint64_t cookie) { lost_.insert(cookie); }
  void sum_up() const;  // at the end of a run
  size_t acknowledgements() const { return acknowledged_.size(); }
  uint64_t committed() const { return hashes_.size(); }

 private:
  std::map<uint64_t, uint64_t> leaders_;  // term: node
  std::vector<uint64_t> hashes_;          // of the chain up to index i + 1, as first applied anywhere
  std::map<uint64_t, uint64_t> cookies_;  // committed: cookie: index
  std::map<uint64_t, uint64_t> acknowledged_;
  std::set<uint64_t> lost_;
};

// Payload of a proposal, and its cookie again.
std::string payload_of(uint64_t cookie, size_t size);
uint64_t cookie_of(std::string_view payload);

}  // namespace lode::sim
