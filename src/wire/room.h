// Memory that all connections of a server share, in one direction: of the bodies of their requests, or of the
// answers that wait for their readers. Counted, not allocated. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace lode::wire {

class Room {
 public:
  explicit Room(uint64_t bytes) : bytes_(bytes) {}
  // What is taken already stays taken.
  void set_bytes(uint64_t bytes) { bytes_ = bytes; }

  // What one session or one answer has of a room; given back at the latest with the object. One thread at a
  // time.
  class Share {
   public:
    explicit Share(std::shared_ptr<Room> room) : room_(std::move(room)) {}
    // What is moved from can take anew: it keeps the room.
    // NOLINTNEXTLINE(performance-move-constructor-init)
    Share(Share&& other) noexcept : room_(other.room_), taken_(std::exchange(other.taken_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      give_back();
      room_ = other.room_;
      taken_ = std::exchange(other.taken_, 0);
      return *this;
    }
    ~Share() { give_back(); }

    // False: there is no room for so many bytes more, and none was taken.
    bool take(uint64_t bytes) {
      if (!room_->take(bytes)) return false;
      taken_ += bytes;
      return true;
    }
    // Has `bytes` from now on. False: there is no room for them, and nothing has changed.
    bool resize(uint64_t bytes) {
      if (bytes > taken_) return take(bytes - taken_);
      room_->taken_ -= taken_ - bytes;
      taken_ = bytes;
      return true;
    }
    void give_back() { resize(0); }
    // What was taken becomes the new object's; this one can take anew, from the same room.
    Share hand_over() { return Share(std::move(*this)); }
    // Takes over what `other` has of the same room.
    void add(Share& other) { taken_ += std::exchange(other.taken_, 0); }

   private:
    std::shared_ptr<Room> room_;
    uint64_t taken_ = 0;
  };

 private:
  bool take(uint64_t bytes) {
    if ((taken_ += bytes) <= bytes_) return true;
    taken_ -= bytes;
    return false;
  }

  std::atomic<uint64_t> bytes_;
  std::atomic<uint64_t> taken_ = 0;
};

}  // namespace lode::wire
