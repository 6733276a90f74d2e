#include "client/session.h"

#include <chrono>
#include <thread>

namespace lode::client {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenRounds{50};
constexpr int kGreetingMilliseconds = 10'000;

const uint8_t* bytes_of(const std::string& frame) { return reinterpret_cast<const uint8_t*>(frame.data()); }

}  // namespace

Session::Session(const std::string& addresses, const ClientOptions& options)
    : addresses_(addresses), options_(options) {
  try {
    connect();
  } catch (const ConnectionLost& lost) {
    if (alone()) throw;
    go_on(lost);
  }
}

void Session::connect() {
  connection_ = std::make_unique<Connection>(addresses_.current(), options_.connect_ms);
  greet();
}

void Session::greet() {
  flatbuffers::FlatBufferBuilder builder;
  auto hello = fb::CreateHello(builder, 1, builder.CreateString(options_.name));
  builder.Finish(fb::CreateFrame(builder, 0, fb::Body::Hello, hello.Union()));
  connection_->queue(builder.GetBufferPointer(), builder.GetSize());
  std::optional<std::string_view> bytes;
  while (!(bytes = connection_->next())) {
    if (!connection_->wait(kGreetingMilliseconds))
      throw ConnectionLost("no answer to the greeting; is this Lode's TCP port?");
    connection_->flush();
  }
  const fb::Frame& frame = verified(*bytes);
  if (auto error = error_of(frame)) throw ConnectionLost("the server refused: " + error->detail);
  const fb::HelloResult* result = frame.body_as_HelloResult();
  if (!result) throw ConnectionLost("the server did not greet back; is this Lode's TCP port?");
  max_frame_bytes_ = result->max_frame_bytes();
}

void Session::go_on(const ConnectionLost& lost) {
  auto give_up = Clock::now() + std::chrono::milliseconds(options_.give_up_ms);
  std::string why = lost.what();
  for (size_t tried = 1;; tried++) {
    addresses_.next();
    try {
      connect();
      for (const auto& [correlation, waiting] : waiting_)
        connection_->queue(bytes_of(waiting.frame), waiting.frame.size());
      return;
    } catch (const ConnectionLost& again) {
      why = again.what();
    }
    if (Clock::now() >= give_up) throw ConnectionLost("no server is there; the last one: " + why);
    if (tried % addresses_.size() == 0) std::this_thread::sleep_for(kBetweenRounds);
  }
}

uint64_t Session::send(flatbuffers::FlatBufferBuilder& builder, fb::Body type, flatbuffers::Offset<void> body,
                       Done done) {
  uint64_t correlation = ++last_correlation_;
  builder.Finish(fb::CreateFrame(builder, correlation, type, body));
  if (max_frame_bytes_ != 0 && builder.GetSize() > max_frame_bytes_) {
    throw std::length_error("the batch is larger than the server's largest frame, " +
                            std::to_string(max_frame_bytes_) + " bytes");
  }
  std::string kept;
  if (!alone()) kept.assign(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
  waiting_.emplace(correlation, Waiting{std::move(done), std::move(kept)});
  try {
    guarded([&] { connection_->queue(builder.GetBufferPointer(), builder.GetSize()); });
  } catch (...) {
    waiting_.erase(correlation);
    throw;
  }
  return correlation;
}

void Session::flush() {
  guarded([&] { connection_->flush(); });
}

bool Session::take() {
  std::optional<std::string_view> bytes;
  if (!guarded([&] { bytes = connection_->next(); }) || !bytes) return false;
  const fb::Frame& frame = verified(*bytes);
  auto found = waiting_.find(frame.correlation());
  if (found != waiting_.end()) {
    Done done = std::move(found->second.done);
    waiting_.erase(found);
    done(frame);
    return true;
  }
  auto error = error_of(frame);
  throw ConnectionLost(error ? "the server refused: " + error->detail + " (" + error->code + ")"
                             : "the server answered a request that was not sent");
}

void Session::wait(int milliseconds) { connection_->wait(milliseconds); }

}  // namespace lode::client
