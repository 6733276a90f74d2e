#include "ingest/in_flight.h"

#include <iterator>
#include <utility>

#include "record/header.h"

namespace lode::ingest {

void InFlight::add(const std::shared_ptr<Span>& span) {
  span->first_cookie = next_cookie_;
  span->untold = span->items.size();
  next_cookie_ += span->items.size();
  spans_.emplace(span->first_cookie, span);
}

void InFlight::know_by_bytes(Span& span) {
  if (std::exchange(span.known_by_bytes, true)) return;
  for (size_t i = 0; i < span.items.size(); ++i) {
    const auto checksum = record::checksum_in(*span.items[i].payload);
    if (checksum && !span.items[i].told) by_checksum_.emplace(*checksum, span.first_cookie + i);
  }
}

std::shared_ptr<Span> InFlight::find(uint64_t cookie) const {
  auto behind = spans_.upper_bound(cookie);
  if (behind == spans_.begin()) return nullptr;
  const auto& span = std::prev(behind)->second;
  return cookie - span->first_cookie < span->items.size() ? span : nullptr;
}

std::optional<Committed> InFlight::take(uint64_t cookie) {
  const std::shared_ptr<Span> span = find(cookie);
  if (!span) return std::nullopt;
  const size_t i = cookie - span->first_cookie;
  Span::Item& item = span->items[i];
  if (std::exchange(item.told, true)) return std::nullopt;
  forget_bytes(*span, i);
  if (--span->untold == 0) spans_.erase(span->first_cookie);
  return std::move(item.entry);
}

std::optional<Committed> InFlight::take(std::string_view payload) {
  if (by_checksum_.empty()) return std::nullopt;
  const auto checksum = record::checksum_in(payload);
  if (!checksum) return std::nullopt;
  const auto [first, last] = by_checksum_.equal_range(*checksum);
  for (auto at = first; at != last; ++at) {
    const uint64_t cookie = at->second;
    const std::shared_ptr<Span> span = find(cookie);
    if (*span->items[cookie - span->first_cookie].payload == payload) return take(cookie);
  }
  return std::nullopt;
}

void InFlight::drop(const std::shared_ptr<Span>& span) {
  for (size_t i = 0; i < span->items.size(); ++i) {
    if (!span->items[i].told) forget_bytes(*span, i);
  }
  spans_.erase(span->first_cookie);
}

void InFlight::forget_bytes(const Span& span, size_t item) {
  if (!span.known_by_bytes) return;
  const auto [first, last] = by_checksum_.equal_range(*record::checksum_in(*span.items[item].payload));
  for (auto at = first; at != last; ++at) {
    if (at->second != span.first_cookie + item) continue;
    by_checksum_.erase(at);
    return;
  }
}

}  // namespace lode::ingest
