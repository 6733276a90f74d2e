#include "record/offset_set.h"

#include <zstd.h>

#include <stdexcept>

#include "record/batch.h"

namespace lode::record {

namespace {

constexpr size_t kMostBytes = 64u << 20;  // of the steps: what a reader allocates
constexpr int kLevel = 9;

void put_step(std::string& out, uint64_t step) {
  for (; step >= 0x80; step >>= 7) out += static_cast<char>(step | 0x80);
  out += static_cast<char>(step);
}

uint64_t next_step(std::string_view& in) {
  uint64_t step = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    step |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return step;
  }
  throw Corruption("offsets: a step that has no end");
}

}  // namespace

std::string encode_offsets(std::span<const Offset>& ascending, size_t most_bytes) {
  std::string steps;
  uint64_t next = 0;
  size_t taken = 0;
  for (; taken < ascending.size() && (taken == 0 || steps.size() + 10 <= most_bytes); ++taken) {
    const uint64_t offset = ascending[taken].value;
    if (offset < next) throw std::logic_error("offsets ascend");
    put_step(steps, offset - next);
    next = offset + 1;
  }
  if (taken == 0) throw std::logic_error("there is one offset at least");
  ascending = ascending.subspan(taken);
  std::string out(ZSTD_compressBound(steps.size()), '\0');
  const size_t bytes = ZSTD_compress(out.data(), out.size(), steps.data(), steps.size(), kLevel);
  if (ZSTD_isError(bytes)) throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(bytes));
  out.resize(bytes);
  return out;
}

std::vector<Offset> decode_offsets(std::string_view bytes) {
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMostBytes)
    throw Corruption("offsets: these bytes are none");
  std::string steps(size, '\0');
  const size_t got = ZSTD_decompress(steps.data(), steps.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) || got != size) throw Corruption("offsets: they do not decompress");
  std::vector<Offset> out;
  uint64_t next = 0;
  for (std::string_view in(steps); !in.empty();) {
    const uint64_t step = next_step(in);
    if (step >= UINT64_MAX - next) throw Corruption("offsets: one beyond all");
    out.push_back({next + step});
    next += step + 1;
  }
  return out;
}

}  // namespace lode::record
