// One TCP connection: length-prefixed frames, Hello first, requests pipelined, answers as they are ready,
// many in one write. Lives on one loop; kept alive by its pending socket operations and by the requests in
// flight.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ingest/ingest.h"
#include "wire/loop.h"
#include "wire/room.h"
#include "wire/session.h"
#include "wire/site.h"

namespace lode::fb {
struct Frame;
struct Append;
struct Fetch;
struct Hello;
}  // namespace lode::fb

namespace lode::wire {

class TcpSession final : public Session, public std::enable_shared_from_this<TcpSession> {
 public:
  TcpSession(std::shared_ptr<Site> site, std::shared_ptr<Loop> loop, SessionSet& sessions,
             boost::asio::ip::tcp::socket socket);
  ~TcpSession() override;

  void start();
  void check_deadline(int64_t steady_micros) override;
  void finish() override;
  void cut() override;
  void close() override;

  // Loop thread: one request is answered by these bytes (a whole frame); `room` is what a large one has of
  // the server's.
  void answered(std::string frame, std::shared_ptr<Room::Share> room = nullptr);
  // Loop thread: runs `read` once the answer of the one before is on its way out, so that a reader who takes
  // nothing costs two of them at most. It ends with read_answered().
  void read_in_turn(std::function<void()> read);
  void read_answered(std::string frame, std::shared_ptr<Room::Share> room);
  bool open() const { return !closed_; }
  const std::shared_ptr<Loop>& loop() const { return loop_; }

 private:
  void read_some();
  void take_frames();
  // Takes one whole frame off the buffer; false: there is none, or reading is to stop.
  bool take_frame();
  void set_read_deadline(uint32_t seconds);
  void set_send_deadline();
  void read_large();
  // False: the connection ends.
  bool handle(std::shared_ptr<std::string> frame, Room::Share room);
  bool greet(uint64_t correlation, const fb::Hello& hello);
  void append(uint64_t correlation, const fb::Append& append, std::shared_ptr<std::string> frame,
              Room::Share room);
  // True: another node has to decide the write that may not be forwarded, and the answer says so.
  bool sent_elsewhere(uint64_t correlation);
  // The room of a write's answer: it takes the place of its body. None: the answer is small, or was made so.
  std::shared_ptr<Room::Share> hold(uint64_t correlation, Room::Share& held, std::string& frame);
  void refuse(uint64_t correlation, int status, const event::Problem& problem);
  void send();
  void start_read();

  const std::shared_ptr<Site> site_;
  const std::shared_ptr<Loop> loop_;
  SessionSet& sessions_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer in_;        // read, not yet taken
  std::shared_ptr<std::string> large_;  // a frame that is read straight into its place
  size_t large_length_ = 0;
  Room::Share large_room_;  // of `large_`
  std::string out_, sending_;
  std::vector<std::shared_ptr<Room::Share>> out_rooms_, sending_rooms_;
  std::deque<std::function<void()>> reads_;  // that wait for their turn
  bool read_runs_ = false;
  uint32_t in_flight_ = 0;
  bool greeted_ = false;
  bool reading_ = false;
  bool taking_ = false;
  bool partial_ = false;  // a frame has begun and is not whole
  bool sends_ = false;
  bool ending_ = false;  // nothing more is read; closes when all is answered and sent
  bool closed_ = false;
  bool registered_ = false;
  int64_t read_deadline_ = 0;
  int64_t send_deadline_ = INT64_MAX;
};

}  // namespace lode::wire
