// A session's share of the memory that bodies of requests may take over all connections (kBodiesAtOnce):
// taken while they are read and decompressed, given back when their request is answered, at the latest with
// the object. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "wire/site.h"

namespace lode::wire {

class BodyRoom {
 public:
  explicit BodyRoom(std::shared_ptr<Site> site) : site_(std::move(site)) {}
  BodyRoom(BodyRoom&& other) noexcept
      : site_(std::move(other.site_)), taken_(std::exchange(other.taken_, 0)) {}
  BodyRoom& operator=(BodyRoom&&) = delete;
  ~BodyRoom() { give_back(); }

  // False: there is no room for so many bytes more, and none was taken.
  bool take(uint64_t bytes) {
    if ((site_->body_bytes += bytes) > kBodiesAtOnce * site_->settings.limits.body_bytes) {
      site_->body_bytes -= bytes;
      return false;
    }
    taken_ += bytes;
    return true;
  }
  void give_back() {
    if (taken_ > 0) site_->body_bytes -= std::exchange(taken_, 0);
  }
  // What was taken becomes the new object's; this one can take anew.
  BodyRoom hand_over() { return BodyRoom(site_, std::exchange(taken_, 0)); }

 private:
  BodyRoom(std::shared_ptr<Site> site, uint64_t taken) : site_(std::move(site)), taken_(taken) {}

  std::shared_ptr<Site> site_;
  uint64_t taken_ = 0;
};

}  // namespace lode::wire
