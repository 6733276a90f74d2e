// The pieces of a stream that its reader has not taken yet, and the room that they have. Loop thread only.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "wire/room.h"

namespace lode::wire {

class StreamQueue {
 public:
  void push(std::string bytes, std::shared_ptr<Room::Share> room) {
    waiting_bytes_ += bytes.size();
    pieces_.push_back({std::move(bytes), std::move(room)});
  }
  bool empty() const { return pieces_.empty(); }
  size_t size() const { return pieces_.size(); }
  const std::string& front() const { return pieces_.front().bytes; }
  void pop() {  // the front was sent
    waiting_bytes_ -= front().size();
    pieces_.pop_front();
  }
  size_t waiting_bytes() const { return waiting_bytes_; }

 private:
  struct Piece {
    std::string bytes;
    std::shared_ptr<Room::Share> room;
  };
  std::deque<Piece> pieces_;
  size_t waiting_bytes_ = 0;
};

}  // namespace lode::wire
