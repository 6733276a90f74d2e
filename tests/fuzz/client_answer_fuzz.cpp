// Any bytes as the server's answer to a client: each kind of answer, or ConnectionLost.
#include <cstdint>
#include <string>

#include "client/answer.h"
#include "event_invariants.h"

namespace {

using namespace lode;

template <typename Result>
void read(const fb::Frame& frame, Result (*result_of)(const fb::Frame&)) {
  try {
    const Result result = result_of(frame);
    if (result.error) fuzz::require(frame.body_type() == fb::Body::Error, "an error is told as one");
  } catch (const client::ConnectionLost&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    const fb::Frame& frame = client::verified(bytes);
    read<client::AppendResult>(frame, client::append_result);
    read<client::FetchResult>(frame, client::fetch_result);
  } catch (const client::ConnectionLost&) {
  }
  return 0;
}
