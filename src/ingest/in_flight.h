// Spans on their way to the log, and whose entry it is that the log tells of: by the cookie it was proposed
// with here, or, when another node proposed it, by its bytes. Threads: none, the Proposer locks.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "ingest/span.h"

namespace lode::ingest {

class InFlight {
 public:
  void add(const std::shared_ptr<Span>& span);  // gives it its cookies
  // From now on take() knows its untold entries by their bytes, too.
  void know_by_bytes(Span& span);

  // The entry is told: it is handed over, once. A span without untold entries is not in flight any more.
  std::optional<Committed> take(uint64_t cookie);
  std::optional<Committed> take(std::string_view payload);
  void drop(const std::shared_ptr<Span>& span);  // nobody asks for it any more

  std::shared_ptr<Span> find(uint64_t cookie) const;
  const std::map<uint64_t, std::shared_ptr<Span>>& spans() const { return spans_; }  // in their order

 private:
  void forget_bytes(const Span& span, size_t item);

  uint64_t next_cookie_ = 1;                         // 0 is nobody's
  std::map<uint64_t, std::shared_ptr<Span>> spans_;  // by first_cookie
  std::multimap<uint64_t, uint64_t> by_checksum_;    // that of the batch: cookie
};

}  // namespace lode::ingest
