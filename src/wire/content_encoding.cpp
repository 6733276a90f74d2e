#include "wire/content_encoding.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "wire/media_type.h"
#include "wire/message.h"

namespace lode::wire {
namespace {

enum class Decoding { done, damaged, too_large };

constexpr size_t kFirstOutput = 64 * 1024;
constexpr int kZstdWindowLog = 26;  // 64 MiB

// Makes room for more output; false when `limit` is reached. One byte beyond the limit is allowed, to see the
// excess.
bool grow(std::string& out, uint64_t limit) {
  if (out.size() > limit) return false;
  uint64_t size = std::min<uint64_t>(std::max<uint64_t>(kFirstOutput, out.size() * 2), limit + 1);
  out.reserve(size + kBodyPadding);
  out.resize(size);
  return true;
}

Decoding decode_gzip(std::string_view in, uint64_t limit, std::string& out) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::bad_alloc();
  std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  size_t made = 0;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // zlib only reads it
  stream.avail_in = static_cast<uInt>(in.size());
  while (true) {
    if (made == out.size() && !grow(out, limit)) return Decoding::too_large;
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + made);
    stream.avail_out = static_cast<uInt>(out.size() - made);
    int code = inflate(&stream, Z_NO_FLUSH);
    made = out.size() - stream.avail_out;
    if (code == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      if (inflateReset(&stream) != Z_OK) return Decoding::damaged;  // a further member
    } else if (code != Z_OK && !(code == Z_BUF_ERROR && stream.avail_out == 0)) {
      return Decoding::damaged;
    } else if (stream.avail_in == 0 && stream.avail_out != 0) {
      return Decoding::damaged;
    }
  }
  out.resize(made);
  return made > limit ? Decoding::too_large : Decoding::done;
}

Decoding decode_zstd(std::string_view in, uint64_t limit, std::string& out) {
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (!context) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
  ZSTD_inBuffer input{in.data(), in.size(), 0};
  size_t made = 0, left = 1;
  while (true) {
    if (made == out.size() && !grow(out, limit)) return Decoding::too_large;
    ZSTD_outBuffer output{out.data(), out.size(), made};
    left = ZSTD_decompressStream(context.get(), &output, &input);
    if (ZSTD_isError(left)) return Decoding::damaged;
    made = output.pos;
    if (input.pos == input.size && output.pos < output.size) break;
  }
  out.resize(made);
  if (made > limit) return Decoding::too_large;
  return left == 0 ? Decoding::done : Decoding::damaged;
}

}  // namespace

std::optional<query::Failure> decode_content(std::string_view encoding, uint64_t limit,
                                             std::shared_ptr<std::string>& body) {
  std::string name = lower_case(trim_space(encoding));
  if (name.empty() || name == "identity") return std::nullopt;
  bool gzip = name == "gzip" || name == "x-gzip";
  if (!gzip && name != "zstd") {
    return query::Failure{415,
                          {"unsupported_encoding", "", "Use the content encoding gzip or zstd, or none."}};
  }
  auto decoded = std::make_shared<std::string>();
  Decoding outcome = gzip ? decode_gzip(*body, limit, *decoded) : decode_zstd(*body, limit, *decoded);
  if (outcome == Decoding::damaged) {
    return query::Failure{
        400, {"invalid_encoding", "", "The compressed body is damaged or cut off: send it again."}};
  }
  if (outcome == Decoding::too_large) {
    return query::Failure{
        413,
        {"body_too_large", "",
         "Decompressed, the body is larger than " + std::to_string(limit) + " bytes: split the batch."}};
  }
  decoded->reserve(decoded->size() + kBodyPadding);
  body = std::move(decoded);
  return std::nullopt;
}

}  // namespace lode::wire
