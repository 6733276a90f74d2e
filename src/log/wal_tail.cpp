#include "log/wal_tail.h"

#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <memory>

namespace lode::log {
namespace {

constexpr uint64_t kBlockBytes = 32 * 1024;
constexpr uint64_t kHeaderBytes = 7;

enum Type : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

uint8_t byte_at(std::string_view file, uint64_t at) { return static_cast<uint8_t>(file[at]); }

uint32_t crc32c(std::string_view bytes) {
  static const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  const auto generator = factory->CreateFileChecksumGenerator({});
  generator->Update(bytes.data(), bytes.size());
  generator->Finalize();
  uint32_t sum = 0;
  for (const char c : generator->GetChecksum()) sum = sum << 8 | static_cast<uint8_t>(c);
  return sum;
}

// The length of the record at `at`, header included; 0 when there is no whole one.
uint64_t record_bytes(std::string_view file, uint64_t at) {
  if (at + kHeaderBytes > file.size()) return 0;
  const uint8_t type = byte_at(file, at + 6);
  const uint64_t bytes = kHeaderBytes + byte_at(file, at + 4) + 256u * byte_at(file, at + 5);
  if (type < kFull || type > kLast || bytes > kBlockBytes || at + bytes > file.size()) return 0;
  const uint32_t crc = crc32c(file.substr(at + 6, bytes - 6));
  const uint32_t masked = ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
  for (int i = 0; i < 4; ++i) {
    if (byte_at(file, at + static_cast<uint64_t>(i)) != static_cast<uint8_t>(masked >> (8 * i))) return 0;
  }
  return bytes;
}

// A record of some data that begins a write.
bool a_write_begins_at(std::string_view file, uint64_t at) {
  if (at + kHeaderBytes >= file.size()) return false;
  const uint8_t type = byte_at(file, at + 6);
  if (type != kFull && type != kFirst) return false;
  return record_bytes(file, at) > kHeaderBytes;
}

}  // namespace

WalTail find_wal_tail(std::string_view file) {
  WalTail tail;
  uint64_t at = 0;
  bool inside = false;  // a write of several records has begun
  while (true) {
    const uint64_t left_in_block = kBlockBytes - at % kBlockBytes;
    if (left_in_block < kHeaderBytes) {
      at += left_in_block;
      continue;
    }
    const uint64_t bytes = record_bytes(file, at);
    if (bytes == 0 || bytes > left_in_block) break;
    const uint8_t type = byte_at(file, at + 6);
    if (inside != (type == kMiddle || type == kLast)) break;
    at += bytes;
    inside = type == kFirst || type == kMiddle;
    if (!inside) tail.whole_bytes = at;
  }
  if (at >= file.size() && !inside) return tail;
  const std::string_view rest = file.substr(std::min<uint64_t>(at, file.size()));
  if (!inside && std::all_of(rest.begin(), rest.end(), [](char c) { return c == 0; })) return tail;
  tail.kind = WalTail::Kind::cut;
  for (; at < file.size(); ++at) {
    if (a_write_begins_at(file, at)) {
      tail.kind = WalTail::Kind::damaged;
      break;
    }
  }
  return tail;
}

}  // namespace lode::log
