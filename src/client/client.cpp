#include "lode/client.h"

#include <chrono>
#include <map>

#include "client/answer.h"
#include "client/batch.h"
#include "client/connection.h"

namespace lode::client {

struct Client::Impl {
  Impl(const std::string& address, const ClientOptions& options) : connection(address, options.connect_ms) {}

  uint64_t send(flatbuffers::FlatBufferBuilder& builder, fb::Body type, flatbuffers::Offset<void> body) {
    uint64_t correlation = ++last_correlation;
    builder.Finish(fb::CreateFrame(builder, correlation, type, body));
    if (max_frame_bytes != 0 && builder.GetSize() > max_frame_bytes) {
      throw std::length_error("the batch is larger than the server's largest frame, " +
                              std::to_string(max_frame_bytes) + " bytes");
    }
    connection.queue(builder.GetBufferPointer(), builder.GetSize());
    return correlation;
  }

  // The waiting request's callback is called after it was taken out, so that it may send.
  void take(const fb::Frame& frame) {
    if (auto found = appends.find(frame.correlation()); found != appends.end()) {
      auto done = std::move(found->second);
      appends.erase(found);
      done(append_result(frame));
    } else if (auto other = fetches.find(frame.correlation()); other != fetches.end()) {
      auto done = std::move(other->second);
      fetches.erase(other);
      done(fetch_result(frame));
    } else if (auto error = error_of(frame)) {
      throw ConnectionLost("the server refused: " + error->detail + " (" + error->code + ")");
    } else {
      throw ConnectionLost("the server answered a request that was not sent");
    }
  }

  void greet(const std::string& name) {
    flatbuffers::FlatBufferBuilder builder;
    auto hello = fb::CreateHello(builder, 1, builder.CreateString(name));
    send(builder, fb::Body::Hello, hello.Union());
    std::optional<std::string_view> bytes;
    while (!(bytes = connection.next())) {
      if (!connection.wait(10'000))
        throw ConnectionLost("no answer to the greeting; is this Lode's TCP port?");
      connection.flush();
    }
    const fb::Frame& frame = verified(*bytes);
    if (auto error = error_of(frame)) throw ConnectionLost("the server refused: " + error->detail);
    const fb::HelloResult* result = frame.body_as_HelloResult();
    if (!result) throw ConnectionLost("the server did not greet back; is this Lode's TCP port?");
    max_frame_bytes = result->max_frame_bytes();
  }

  Connection connection;
  uint64_t last_correlation = 0;
  uint32_t max_frame_bytes = 0;
  std::map<uint64_t, std::function<void(const AppendResult&)>> appends;
  std::map<uint64_t, std::function<void(const FetchResult&)>> fetches;
};

Client::Client(const std::string& address, ClientOptions options)
    : impl_(std::make_unique<Impl>(address, options)) {
  impl_->greet(options.name);
}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

uint64_t Client::append(Batch& batch, const AppendOptions& options,
                        std::function<void(const AppendResult&)> done) {
  auto& builder = batch.impl_->builder;
  auto items = builder.CreateVector(batch.impl_->items);
  auto body = fb::CreateAppend(builder, items, options.ack_committed, options.all_results);
  struct Emptied {
    Batch& batch;
    ~Emptied() { batch.clear(); }
  } emptied{batch};
  uint64_t correlation = impl_->send(builder, fb::Body::Append, body.Union());
  impl_->appends.emplace(correlation, std::move(done));
  return correlation;
}

uint64_t Client::fetch(const FetchRequest& request, std::function<void(const FetchResult&)> done) {
  flatbuffers::FlatBufferBuilder builder;
  auto body = fb::CreateFetch(builder, request.from, request.limit, request.wait_ms, request.include_contact);
  uint64_t correlation = impl_->send(builder, fb::Body::Fetch, body.Union());
  impl_->fetches.emplace(correlation, std::move(done));
  return correlation;
}

AppendResult Client::append_and_wait(Batch& batch, const AppendOptions& options) {
  std::optional<AppendResult> answer;
  append(batch, options, [&](const AppendResult& result) { answer = result; });
  while (!answer) poll(-1);
  return std::move(*answer);
}

FetchResult Client::fetch_and_wait(const FetchRequest& request) {
  std::optional<FetchResult> answer;
  fetch(request, [&](const FetchResult& result) { answer = result; });
  while (!answer) poll(-1);
  return std::move(*answer);
}

size_t Client::poll(int milliseconds) {
  using Clock = std::chrono::steady_clock;
  auto end = Clock::now() + std::chrono::milliseconds(milliseconds < 0 ? 0 : milliseconds);
  for (;;) {
    impl_->connection.flush();
    size_t called = 0;
    // Not past the last answer: that the server closes after it is no loss.
    do {
      auto bytes = impl_->connection.next();
      if (!bytes) break;
      impl_->take(verified(*bytes));
      called++;
    } while (pending() > 0);
    int left = -1;
    if (milliseconds >= 0) {
      left =
          static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count());
    }
    if (called > 0 || pending() == 0 || (milliseconds >= 0 && left <= 0)) return called;
    impl_->connection.wait(left);
  }
}

size_t Client::pending() const { return impl_->appends.size() + impl_->fetches.size(); }
int Client::descriptor() const { return impl_->connection.descriptor(); }
bool Client::wants_write() const { return impl_->connection.wants_write(); }
uint32_t Client::max_frame_bytes() const { return impl_->max_frame_bytes; }

}  // namespace lode::client
