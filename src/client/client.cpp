#include "lode/client.h"

#include <chrono>

#include "client/answer.h"
#include "client/batch.h"
#include "client/session.h"

namespace lode::client {

struct Client::Impl {
  Impl(const std::string& addresses, const ClientOptions& options) : session(addresses, options) {}

  Session session;
};

Client::Client(const std::string& addresses, ClientOptions options)
    : impl_(std::make_unique<Impl>(addresses, options)) {}
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
  return impl_->session.send(
      builder, fb::Body::Append, body.Union(),
      [done = std::move(done)](const fb::Frame& frame) { done(append_result(frame)); });
}

uint64_t Client::fetch(const FetchRequest& request, std::function<void(const FetchResult&)> done) {
  flatbuffers::FlatBufferBuilder builder;
  auto body = fb::CreateFetch(builder, request.from, request.limit, request.wait_ms, request.include_contact);
  return impl_->session.send(builder, fb::Body::Fetch, body.Union(),
                             [done = std::move(done)](const fb::Frame& frame) { done(fetch_result(frame)); });
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
    impl_->session.flush();
    size_t called = 0;
    // Not past the last answer: that the server closes after it is no loss.
    do {
      if (!impl_->session.take()) break;
      called++;
    } while (pending() > 0);
    int left = -1;
    if (milliseconds >= 0) {
      left =
          static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count());
    }
    if (called > 0 || pending() == 0 || (milliseconds >= 0 && left <= 0)) return called;
    impl_->session.wait(left);
  }
}

size_t Client::pending() const { return impl_->session.pending(); }
int Client::descriptor() const { return impl_->session.descriptor(); }
bool Client::wants_write() const { return impl_->session.wants_write(); }
uint32_t Client::max_frame_bytes() const { return impl_->session.max_frame_bytes(); }

}  // namespace lode::client
