// A generation: everything that is derived from the log under one ruleset, on one disk. A node serves one,
// and may build another beside it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gold/gold.h"
#include "log/log.h"
#include "materialize/materializer.h"
#include "materialize/ruleset.h"
#include "sequence/batch_index.h"
#include "silver/tables.h"
#include "store/hash_index.h"
#include "store/state.h"

namespace lode::materialize {

// Threads: as its parts say.
class Generation {
 public:
  using OpenDisk = std::function<std::unique_ptr<store::Disk>(const std::vector<store::Family>& families)>;
  using Report = std::function<void(const std::string& trouble)>;  // store::State's

  // Goes on from the disk's checkpoint; rows of another ruleset are dropped first. Throws what opening the
  // disk does, and store::Damaged.
  Generation(Ruleset ruleset, const store::Hasher& hasher, Settings settings, const OpenDisk& open,
             Report report = nullptr);
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;
  ~Generation();

  // Before many entries are applied: waits for what makes that fast.
  void expect(uint64_t entries);
  // Called once it is gone, on the thread that let go of it last. Any thread, before that.
  void when_gone(std::function<void()> then);

  const Ruleset& ruleset() const;
  uint64_t ruleset_hash() const;
  uint64_t rules_hash() const;  // Ruleset's
  bool dropped_rows() const;    // the disk had rows of another ruleset

  Materializer& materializer();
  const Materializer& materializer() const;
  store::State& state();
  const store::State& state() const;
  const store::HashIndex& ids() const;
  const sequence::BatchIndex& index() const;
  silver::Tables& tables();
  const silver::Tables& tables() const;
  const gold::Gold& gold() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::materialize
