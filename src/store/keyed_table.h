// Key -> value rows, newest put wins: the small tables of silver, the quarantine, the batch index. A Part:
// threads and lock as in state.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/state.h"

namespace lode::store {

// Big-endian, so that bytes order as numbers do.
std::string key_of(uint64_t number);
std::string key_of(uint32_t number);
uint64_t number_of(std::string_view key);  // of 8 or 4 bytes

class KeyedTable final : public Part {
 public:
  explicit KeyedTable(std::string family);
  ~KeyedTable() override;

  // Mutex held, shared at least.
  bool get(std::string_view key, std::string& value) const;
  // Rows with keys in [lower, upper) in order, live ones only, until `visit` says false. Mutex held, shared
  // at least: pages of it, not whole tables.
  void scan(std::string_view lower, std::string_view upper,
            const std::function<bool(std::string_view key, std::string_view value)>& visit) const;

  // Apply thread, mutex held exclusively. Appending ascending keys is the fast case.
  void put(std::string_view key, std::string_view value);
  void remove(std::string_view key);

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
