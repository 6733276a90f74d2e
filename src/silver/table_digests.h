// The digests of silver's tables as they stand, kept with the checkpoint. A Part: threads and lock as in
// store/state.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "store/digest.h"
#include "store/state.h"

namespace lode::silver {

class TableDigests final : public store::Part {
 public:
  store::Digest orders, order_lines, customers, products, quarantine;

  std::vector<store::Family> families() const override;
  // Throws store::Damaged for a state that was made without digests, or with rows of another format.
  void load(std::shared_ptr<const store::Snapshot> snapshot) override;
  void freeze() override;
  void write_frozen(store::Ingestion& ingestion) override;
  void release_frozen(std::shared_ptr<const store::Snapshot> snapshot) override;
  uint64_t memory_bytes() const override { return 0; }

 private:
  std::array<store::Digest*, 5> all() { return {&orders, &order_lines, &customers, &products, &quarantine}; }

  std::string frozen_;
};

}  // namespace lode::silver
