#include "record/control.h"

#include <xxhash.h>

#include <bit>
#include <cstring>
#include <stdexcept>

#include "record/batch.h"

namespace lode::record {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr char kMagic[4] = {'L', 'O', 'D', 'C'};
constexpr uint8_t kVersion = 1;
constexpr size_t kVersionAt = 4, kKindAt = 5, kReservedAt = 6, kChecksumAt = 8, kCheckedFrom = 16;
constexpr size_t kNumberAt = 16, kAnnouncedAt = 24, kTextAt = 32;

template <typename T>
T load(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

uint64_t checksum(std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data() + kCheckedFrom, bytes.size() - kCheckedFrom,
                              load<uint64_t>(bytes, 0));
}

}  // namespace

std::string Control::encode() const {
  if (ruleset.size() > kMaxRuleset) throw std::length_error("a ruleset of more than 256 KiB");
  if (dropped.size() > kMaxDropped) throw std::length_error("dropped records of more than 256 KiB");
  std::string out(kTextAt, '\0');
  std::memcpy(out.data(), kMagic, sizeof kMagic);
  out[kVersionAt] = static_cast<char>(kVersion);
  out[kKindAt] = static_cast<char>(kind);
  const uint64_t number = kind == Kind::level     ? level
                          : kind == Kind::compact ? compacted.value
                                                  : ruleset_hash;
  std::memcpy(out.data() + kNumberAt, &number, sizeof number);
  std::memcpy(out.data() + kAnnouncedAt, &announced.value, sizeof announced.value);
  out += kind == Kind::compact ? dropped : ruleset;
  uint64_t sum = checksum(out);
  std::memcpy(out.data() + kChecksumAt, &sum, sizeof sum);
  return out;
}

Control Control::decode(std::string_view bytes) {
  if (bytes.size() < kTextAt || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
    throw Corruption("control: these bytes are none");
  if (load<uint64_t>(bytes, kChecksumAt) != checksum(bytes)) throw Corruption("control: checksum mismatch");
  const auto version = load<uint8_t>(bytes, kVersionAt), kind = load<uint8_t>(bytes, kKindAt);
  if (version != kVersion || kind < static_cast<uint8_t>(Kind::announce) ||
      kind > static_cast<uint8_t>(Kind::compact))
    throw Corruption("control: kind " + std::to_string(kind) + " of version " + std::to_string(version) +
                     " is a newer program's, and this one knows kinds 1 to 3 of version " +
                     std::to_string(kVersion) + ": it must not go on without it. Start the newer one.");
  Control out;
  out.kind = static_cast<Kind>(kind);
  const auto number = load<uint64_t>(bytes, kNumberAt);
  const bool compacts = out.kind == Kind::compact;
  (out.kind == Kind::level ? out.level : compacts ? out.compacted.value : out.ruleset_hash) = number;
  out.announced = {load<uint64_t>(bytes, kAnnouncedAt)};
  (compacts ? out.dropped : out.ruleset) = bytes.substr(kTextAt);
  if (load<uint16_t>(bytes, kReservedAt) != 0 || out.ruleset.size() > kMaxRuleset ||
      out.dropped.size() > kMaxDropped || (out.kind != Kind::announce && !out.ruleset.empty()) ||
      (out.kind != Kind::switch_ && out.announced.value != 0))
    throw Corruption("control: a part that its kind does not have");
  return out;
}

}  // namespace lode::record
