// gzip and zstd bodies: whole, damaged, cut off, and too large once decompressed.
#include "wire/content_encoding.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace lode::wire {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

// The decoded text, or the failure's code.
std::string decode(const char* encoding, const std::string& bytes, uint64_t limit = 1 << 20) {
  auto body = std::make_shared<std::string>(bytes);
  auto failure = decode_content(encoding, limit, body);
  return failure ? failure->problem.code : *body;
}

TEST(ContentEncoding, Decodes) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + "\n";
  EXPECT_EQ(decode("", text), text);
  EXPECT_EQ(decode(" GZIP ", gzip(text)), text);
  EXPECT_EQ(decode("zstd", zstd(text)), text);
  EXPECT_EQ(decode("gzip", gzip(text) + gzip("more")), text + "more");
  EXPECT_EQ(decode("zstd", zstd(text) + zstd("more")), text + "more");
  EXPECT_EQ(decode("gzip", gzip("")), "");
  EXPECT_EQ(decode("br", text), "unsupported_encoding");
}

TEST(ContentEncoding, LimitIsExact) {
  std::string text(100'000, 'x');
  for (auto* encoding : {"gzip", "zstd"}) {
    std::string bytes = encoding[0] == 'g' ? gzip(text) : zstd(text);
    EXPECT_EQ(decode(encoding, bytes, text.size()), text) << encoding;
    EXPECT_EQ(decode(encoding, bytes, text.size() - 1), "body_too_large") << encoding;
    EXPECT_EQ(decode(encoding, bytes, 10), "body_too_large") << encoding;
  }
}

TEST(ContentEncoding, EveryCutAndEveryFlippedByteIsToldOrHarmless) {
  std::string text = "{\"event_id\":\"1\"} and some more text to compress, text to compress";
  for (auto* encoding : {"gzip", "zstd"}) {
    std::string bytes = encoding[0] == 'g' ? gzip(text) : zstd(text);
    for (size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_EQ(decode(encoding, bytes.substr(0, length)), "invalid_encoding") << encoding << " " << length;
    }
    for (size_t at = 0; at < bytes.size(); ++at) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x55);
      decode(encoding, flipped);
    }
  }
}

}  // namespace
}  // namespace lode::wire
