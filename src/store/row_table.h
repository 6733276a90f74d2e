// Rows that are written once under ascending 64-bit numbers and never change: orders as first bought. Appends
// to one buffer an epoch; no allocation a row. A Part: threads and lock as in state.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/state.h"

namespace lode::store {

class RowTable final : public Part {
 public:
  explicit RowTable(std::string family);
  ~RowTable() override;

  void append(uint64_t number, std::string_view row);  // apply thread; numbers strictly ascend
  bool get(uint64_t number, std::string& row) const;   // mutex held, shared at least
  // Rows with numbers in [from, to), in order, until `visit` says false. Mutex held, shared at least.
  void scan(uint64_t from, uint64_t to,
            const std::function<bool(uint64_t number, std::string_view row)>& visit) const;

  std::vector<Family> families() const override;
  void load(std::shared_ptr<const Snapshot> snapshot) override;
  void freeze() override;
  void write_frozen(Ingestion& ingestion) override;
  void release_frozen(std::shared_ptr<const Snapshot> snapshot) override;
  uint64_t memory_bytes() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::store
