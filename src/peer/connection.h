// Frames over one stream: reads them as they come, sends what an outbox holds, several in one gather write.
// The network's thread only.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "peer/frame_reader.h"
#include "peer/link_status.h"
#include "peer/outbox.h"
#include "peer/stream.h"

namespace lode::peer {

// Who uses a connection. Kept alive by it until closed() was called.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void secured() = 0;              // the handshake is done
  virtual void received(Frame frame) = 0;  // may throw BadFrame: the connection closes with its sentence
  virtual void closed(const std::string& why) = 0;  // once, the last call
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Connection(std::unique_ptr<Stream> stream, std::shared_ptr<Outbox> outbox);

  void start(Stream::End end, std::shared_ptr<ConnectionOwner> owner);
  void close(const std::string& why);  // calls closed(), closes the outbox

  void send_now(
      OutFrame frame);  // before what waits in the outbox; replaces the last one if that still waits
  void send_last(OutFrame frame);  // then nothing more; the other end is to close
  void pump();                     // there is something in the outbox

  void greeted(std::shared_ptr<Traffic> traffic);  // from now on frames may be large, and bytes are counted
  bool shows(raft::NodeId node) { return stream_->shows(node); }
  // When bytes last came, or a large piece of what waited could be sent.
  Time last_sign() const { return last_sign_; }

 private:
  void read();
  void take_frames();
  void written(size_t bytes);

  const std::unique_ptr<Stream> stream_;
  const std::shared_ptr<Outbox> outbox_;
  std::shared_ptr<ConnectionOwner> owner_;
  std::shared_ptr<Traffic> traffic_ = std::make_shared<Traffic>();
  FrameReader reader_;
  std::optional<OutFrame> urgent_;
  std::vector<OutFrame> sending_;
  size_t sending_bytes_ = 0, sending_frames_ = 0;  // from the outbox
  bool writing_ = false, ending_ = false, closed_ = false;
  Time last_sign_ = std::chrono::steady_clock::now();
};

}  // namespace lode::peer
