// Any bytes: a record batch, or Corruption. The second pass puts the right checksum in, so that what lies
// behind it is reached too.
#include <cstddef>
#include <cstdint>
#include <string>

#include "record/batch.h"
#include "record/header.h"

namespace {

void decode(const std::string& bytes) {
  try {
    const auto batch = lode::record::RecordBatch::decode(bytes);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < batch.count(); ++i) {
      const auto& record = batch[i];
      for (const char c : record.contact) sum += static_cast<unsigned char>(c);
      // The promise of 64 readable bytes behind a payload is part of what is tested.
      for (size_t at = 0; at < record.payload.size() + 64; ++at) {
        sum += static_cast<unsigned char>(record.payload.data()[at]);
      }
    }
    static volatile uint64_t seen;
    seen = sum;
  } catch (const lode::record::Corruption&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  decode(bytes);
  if (size >= lode::record::kHeaderBytes) {
    uint32_t envelope_bytes = 0;
    for (int i = 3; i >= 0; --i) envelope_bytes = envelope_bytes << 8 | data[16 + i];
    lode::record::write_header(bytes.data(), bytes.size(), envelope_bytes % (1u << 24));
    decode(bytes);
  }
  return 0;
}
