#include "wire/input_drain.h"

#include <array>
#include <boost/asio/buffer.hpp>

namespace lode::wire {
namespace {

struct Drain : std::enable_shared_from_this<Drain> {
  boost::asio::ip::tcp::socket& socket;
  std::shared_ptr<void> owner;
  uint64_t left;
  std::function<void()> ended;
  std::array<char, 4096> bytes;

  Drain(boost::asio::ip::tcp::socket& from, std::shared_ptr<void> its_owner, uint64_t most,
        std::function<void()> call)
      : socket(from), owner(std::move(its_owner)), left(most), ended(std::move(call)) {}

  void read() {
    socket.async_read_some(boost::asio::buffer(bytes),
                           [self = shared_from_this()](boost::system::error_code error, size_t count) {
                             if (error || count > self->left) return self->ended();
                             self->left -= count;
                             self->read();
                           });
  }
};

}  // namespace

void drain_input(boost::asio::ip::tcp::socket& socket, std::shared_ptr<void> owner, uint64_t most,
                 std::function<void()> ended) {
  std::make_shared<Drain>(socket, std::move(owner), most, std::move(ended))->read();
}

}  // namespace lode::wire
