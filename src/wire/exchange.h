// One request on its way to its answer: what a route gets. The session behind it stays alive until it was
// answered.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "wire/loop.h"
#include "wire/message.h"

namespace lode::wire {

// An answer without end (server-sent events). Loop thread only.
class Stream {
 public:
  virtual ~Stream() = default;
  // Queues bytes; `room` is what they have of the server's, if they are many, until they are sent. False: the
  // reader has gone, or was too slow and has been cut off.
  virtual bool write(std::string bytes, std::shared_ptr<Room::Share> room = nullptr) = 0;
  virtual bool open() const = 0;
  virtual size_t waiting_bytes() const = 0;  // queued, not yet taken by the network
  virtual void finish() = 0;                 // closes once what waits is sent
};

class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual Request& request() = 0;
  virtual const std::shared_ptr<Loop>& loop() = 0;
  // Room for bytes beyond those that were read (a decompressed body), until the answer. False: there is none.
  // Loop thread only.
  virtual bool take_room(uint64_t bytes) = 0;
  // Becomes true when the client goes (or says that it sends nothing more) before it is answered: for work
  // that takes seconds. Loop thread only; what it answers is read by any.
  virtual std::shared_ptr<const std::atomic<bool>> watch_client() = 0;
  // Exactly one of the two, once. Loop thread only; from other threads: loop()->post().
  virtual void respond(Response response) = 0;
  virtual std::shared_ptr<Stream> respond_stream(Response head) = 0;
};

using ExchangePtr = std::shared_ptr<Exchange>;

}  // namespace lode::wire
