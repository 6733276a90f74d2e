// Text <-> 32-bit numbers, given in the order of the log, so that replay gives the same ones: what gold's
// keys and silver's rows are made of. In memory a hash and a number per text; the texts lie on the disk. A
// Part: threads and lock as in state.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/hash96.h"
#include "store/state.h"
#include "store/text_hashes.h"

namespace lode::store {

// Numbers are given from one sequence for all domains, from 1; 0 means none.
enum class Domain : uint8_t {
  sku = 1,
  customer = 2,
  customer_type = 3,
  channel = 4,
  category = 5,
  source = 6
};

class Dictionary final : public Part {
 public:
  explicit Dictionary(Hasher hasher);
  ~Dictionary() override;

  uint32_t intern(Domain domain, std::string_view text);  // apply thread; "" is 0
  std::optional<uint32_t> find(Domain domain,
                               std::string_view text) const;  // mutex held, shared at least; "" is 0
  // The two in steps, for who looks up many: by hash() of a text that is not empty.
  Hash96 hash(Domain domain, std::string_view text) const;  // any thread
  void prefetch(const Hash96& hash) const;                  // mutex held, shared at least
  uint32_t find(const Hash96& hash) const;                  // the same; 0: no such text
  std::string text(uint32_t number) const;                  // mutex held, shared at least; 0 is ""
  uint32_t size() const;
  const TextHashes& text_hashes() const;  // mutex held, shared at least
  TextHashes scan_text_hashes() const;    // the same from all texts again; mutex held, shared at least
  // Numbers and texts of one domain in order of their numbers, beginning after `after`. Mutex held, shared at
  // least.
  void scan(Domain domain, uint32_t after,
            const std::function<bool(uint32_t number, std::string_view text)>& visit) const;

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
