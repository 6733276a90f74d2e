#include "record/header.h"

#include <xxhash.h>

#include <bit>
#include <cstring>
#include <string>

#include "record/batch.h"

namespace lode::record {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr char kMagic[4] = {'L', 'O', 'D', 'E'};
constexpr size_t kVersionAt = 4;
constexpr size_t kFlagsAt = 5;
constexpr size_t kReservedAt = 6;
constexpr size_t kChecksumAt = 8;
constexpr char kPlainFlag = 1;
constexpr size_t kEnvelopeBytesAt = 16;  // the checksum's text starts here; what is before it is its seed

template <typename T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Over all bytes of the batch but the checksum itself.
uint64_t checksum(std::string_view bytes) {
  const auto seed = load<uint64_t>(bytes.data());
  return XXH3_64bits_withSeed(bytes.data() + kEnvelopeBytesAt, bytes.size() - kEnvelopeBytesAt, seed);
}

}  // namespace

void write_header(char* batch, size_t bytes, uint32_t envelope_bytes, const Form& form) {
  std::memset(batch, 0, kHeaderBytes);
  std::memcpy(batch, kMagic, sizeof kMagic);
  batch[kVersionAt] = static_cast<char>(form.version);
  batch[kFlagsAt] = form.plain ? kPlainFlag : 0;
  std::memcpy(batch + kEnvelopeBytesAt, &envelope_bytes, sizeof envelope_bytes);
  const uint64_t sum = checksum({batch, bytes});
  std::memcpy(batch + kChecksumAt, &sum, sizeof sum);
}

std::optional<uint64_t> checksum_in(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  return load<uint64_t>(bytes.data() + kChecksumAt);
}

Header read_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) throw Corruption("record batch: shorter than its header");
  const char* at = bytes.data();
  if (std::memcmp(at, kMagic, sizeof kMagic) != 0) throw Corruption("record batch: wrong magic bytes");
  const auto version = load<uint8_t>(at + kVersionAt);
  if (version == 0) throw Corruption("record batch: format version 0");
  if (version > kFormatVersion) {
    throw Corruption("record batch: format version " + std::to_string(version) +
                     " is newer than this program, which reads up to version " +
                     std::to_string(kFormatVersion));
  }
  const auto flags = load<uint8_t>(at + kFlagsAt);
  Header header{
      load<uint32_t>(at + kEnvelopeBytesAt), {version, flags == kPlainFlag}, bytes.substr(kHeaderBytes)};
  if (load<uint64_t>(at + kChecksumAt) != checksum(bytes)) {
    throw Corruption("record batch: checksum mismatch");
  }
  const bool known = flags == 0 || (flags == kPlainFlag && version > kFirstVersion);
  if (!known || load<uint16_t>(at + kReservedAt) != 0) {
    throw Corruption("record batch: unknown flags");
  }
  if (header.envelope_bytes > kMaxEnvelopeBytes) throw Corruption("record batch: envelope too large");
  return header;
}

}  // namespace lode::record
