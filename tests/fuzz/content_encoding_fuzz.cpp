// Any bytes as a gzip and as a zstd body: decoded within the limit, or a failure that says why.
#include <cstdint>
#include <memory>
#include <string>

#include "event_invariants.h"
#include "wire/content_encoding.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using lode::fuzz::require;
  constexpr uint64_t kLimit = 256 * 1024;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const char* encoding : {"gzip", "zstd"}) {
    auto body = std::make_shared<std::string>(bytes);
    if (auto failure = lode::wire::decode_content(encoding, kLimit, body)) {
      require(failure->status == 400 || failure->status == 413, "a body is damaged or too large");
      require(!failure->problem.detail.empty(), "a failure explains itself");
      require(*body == bytes, "a failure leaves the body alone");
    } else {
      require(body->size() <= kLimit, "no more than the limit comes out");
    }
  }
  return 0;
}
