// Any bytes as a write-ahead log file, as they are and with the right checksum in every record: the whole
// records alone are whole, zeros behind them change nothing, and no byte behind them makes fewer of them.
#include <cstdint>
#include <string>
#include <string_view>

#include "event_invariants.h"
#include "log/wal_tail.h"

namespace {

using namespace lode;
using Kind = log::WalTail::Kind;

constexpr size_t kHeaderBytes = 7, kBlockBytes = 32 * 1024;

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
  }
  return ~crc;
}

// Each record from the start on, as far as lengths lead, gets its checksum.
void seal(std::string& file) {
  size_t at = 0;
  while (at + kHeaderBytes <= file.size()) {
    const size_t left = kBlockBytes - at % kBlockBytes;
    const size_t bytes =
        kHeaderBytes + static_cast<uint8_t>(file[at + 4]) + 256u * static_cast<uint8_t>(file[at + 5]);
    if (left < kHeaderBytes) {
      at += left;
      continue;
    }
    if (bytes > left || at + bytes > file.size()) return;
    const uint32_t crc = crc32c(std::string_view(file).substr(at + 6, bytes - 6));
    const uint32_t masked = (crc >> 15 | crc << 17) + 0xa282ead8u;
    for (size_t i = 0; i < 4; ++i) file[at + i] = static_cast<char>(masked >> (8 * i));
    at += bytes;
  }
}

void check(std::string_view file) {
  using fuzz::require;
  const log::WalTail tail = log::find_wal_tail(file);
  require(tail.whole_bytes <= file.size(), "whole records end within the file");
  const std::string_view rest = file.substr(tail.whole_bytes);
  const bool zeros = rest.find_first_not_of('\0') == std::string_view::npos;
  if (zeros) require(tail.kind == Kind::clean, "zeros are no damage");
  if (rest.size() >= kBlockBytes && !zeros) require(tail.kind != Kind::clean, "what follows is seen");

  const std::string whole(file.substr(0, tail.whole_bytes));
  const log::WalTail alone = log::find_wal_tail(whole);
  require(alone.kind == Kind::clean && alone.whole_bytes == whole.size(), "whole records alone are whole");
  const log::WalTail padded = log::find_wal_tail(whole + std::string(100, '\0'));
  require(padded.kind == Kind::clean && padded.whole_bytes == whole.size(), "zeros behind change nothing");
  if (!file.empty()) {
    const log::WalTail shorter = log::find_wal_tail(file.substr(0, file.size() - 1));
    require(shorter.whole_bytes <= tail.whole_bytes, "fewer bytes are no more records");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string file(reinterpret_cast<const char*>(data), size);
  check(file);
  seal(file);
  check(file);
  return 0;
}
