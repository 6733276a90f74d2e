#include "materialize/decode_ahead.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace lode::materialize {

namespace {

constexpr size_t kAheadEntries = 32;
constexpr size_t kAheadBytes = size_t{8} << 20;  // compressed; one entry is let in whatever its size

}  // namespace

DecodeAhead::DecodeAhead(const log::Log& log, record::GroupId group, record::EntryIndex from,
                         std::optional<record::EntryIndex> to, const store::Hasher& hasher, uint32_t threads)
    : log_(log), hasher_(hasher), reader_decodes_(threads <= 1) {
  threads_.emplace_back([this, group, from, to] { read(group, from, to); });
  for (uint32_t i = 1; i < threads; ++i) threads_.emplace_back([this] { decode_others(); });
}

DecodeAhead::~DecodeAhead() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  room_.notify_all();
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool DecodeAhead::is_full() const {
  return !slots_.empty() && (slots_.size() >= kAheadEntries || waiting_bytes_ >= kAheadBytes);
}

// Before it is put where others see it when the reader decodes, else by whoever is free.
void DecodeAhead::decode(EntryDecoder& decoder, Slot& slot) {
  try {
    slot.decoded = decoder.decode(slot.stored.index, slot.stored.type, slot.stored.payload);
  } catch (...) {
    slot.failure = std::current_exception();
  }
}

bool DecodeAhead::put(const log::StoredEntry& stored) {
  auto slot = std::make_shared<Slot>();
  slot->stored = stored;
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return closed_ || !is_full(); });
  if (closed_) return false;
  waiting_bytes_ += stored.payload.size();
  slots_.push_back(std::move(slot));
  work_.notify_one();
  return true;
}

void DecodeAhead::read(record::GroupId group, record::EntryIndex from, std::optional<record::EntryIndex> to) {
  pthread_setname_np(pthread_self(), "lode-read");
  EntryDecoder decoder(hasher_);
  std::exception_ptr failure;
  try {
    log_.scan(group, from, [&](const log::StoredEntry& stored) {
      if (to && stored.index > *to) return false;
      if (!put(stored)) return false;
      if (reader_decodes_) {
        const std::shared_ptr<Slot> slot = take_undecoded();
        decode(decoder, *slot);
        std::lock_guard lock(mutex_);
        slot->ready = true;
        ready_.notify_one();
      }
      return !to || stored.index < *to;
    });
  } catch (...) {
    failure = std::current_exception();
  }
  std::lock_guard lock(mutex_);
  ended_ = true;
  failure_ = failure;
  work_.notify_all();
  ready_.notify_all();
}

// Under no lock; null once there will be none.
std::shared_ptr<DecodeAhead::Slot> DecodeAhead::take_undecoded() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto found =
        std::find_if(slots_.begin(), slots_.end(), [](const auto& slot) { return !slot->taken; });
    if (found != slots_.end()) {
      (*found)->taken = true;
      return *found;
    }
    if (closed_ || ended_) return nullptr;
    work_.wait(lock);
  }
}

void DecodeAhead::decode_others() {
  pthread_setname_np(pthread_self(), "lode-decode");
  EntryDecoder decoder(hasher_);
  while (std::shared_ptr<Slot> slot = take_undecoded()) {
    decode(decoder, *slot);
    std::lock_guard lock(mutex_);
    slot->ready = true;
    ready_.notify_one();
    if (closed_) return;
  }
}

std::unique_ptr<DecodedEntry> DecodeAhead::next() {
  std::shared_ptr<Slot> slot;
  {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return slots_.empty() ? ended_ : slots_.front()->ready; });
    if (slots_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return nullptr;
    }
    slot = std::move(slots_.front());
    slots_.pop_front();
    waiting_bytes_ -= slot->stored.payload.size();
  }
  room_.notify_one();
  if (slot->failure) std::rethrow_exception(slot->failure);
  return std::move(slot->decoded);
}

}  // namespace lode::materialize
