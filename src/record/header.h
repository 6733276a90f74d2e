// The fixed part in front of every record batch: what it is, in which version, and the checksum of all of it.
// Little-endian; byte by byte in FORMAT.md. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lode::record {

inline constexpr uint8_t kFormatVersion = 2;  // the newest that is read
// What a batch is written in: the newest only where it needs it.
inline constexpr uint8_t kFirstVersion = 1;
inline constexpr size_t kHeaderBytes = 20;
// The most that one batch may hold before compression; bounds what a reader allocates.
inline constexpr uint64_t kMaxEnvelopeBytes = 256ull << 20;

struct Form {
  uint8_t version = kFirstVersion;
  bool plain = false;  // the body is the envelope itself, not compressed; from version 2 on
};

// Completes a batch of `bytes` whose body stands behind kHeaderBytes already.
void write_header(char* batch, size_t bytes, uint32_t envelope_bytes, const Form& form = {});

struct Header {
  uint32_t envelope_bytes = 0;  // after decompression, at most kMaxEnvelopeBytes
  Form form;
  std::string_view body;  // the envelope, compressed unless the form says plain
};

// What the header says, unchecked; nothing of bytes that are shorter than a header.
std::optional<uint64_t> checksum_in(std::string_view bytes);

// Checks magic, version, lengths and checksum of a whole batch. Throws Corruption.
Header read_header(std::string_view bytes);

}  // namespace lode::record
