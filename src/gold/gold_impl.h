// What Gold is made of; for gold.cpp and reader.cpp.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "gold/booking.h"
#include "gold/gold.h"
#include "gold/plan.h"
#include "gold/resident.h"

namespace lode::gold {

constexpr std::string_view kRowFamily = "gold";
constexpr std::string_view kChangeFamily = "gold_changes";

struct Gold::Impl {
  Impl(std::vector<View> declared, ZoneRules zone, const store::TextHashes& texts);

  void begin_epoch(const Epoch* before);
  void flush_booking() { booking.flush(active, residents, dirty, digests); }
  uint32_t number_of(const View& view) const { return static_cast<uint32_t>(&view - views.data()); }

  std::vector<View> views;  // does not change: plans point to them
  std::vector<Plan> plans;
  Booking booking;
  Epoch active;
  std::shared_ptr<const Epoch> frozen;  // null: none
  std::vector<uint64_t> frozen_changes;
  std::vector<store::Digest> frozen_digests;
  std::shared_ptr<const store::Snapshot> snapshot;
  Residents residents;
  std::vector<uint8_t> dirty;          // by view: booked since the last touch()
  std::vector<uint64_t> changes;       // by view: offset of the last change + 1; 0: none
  std::vector<store::Digest> digests;  // by view
};

}  // namespace lode::gold
