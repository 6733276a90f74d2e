// What goes over the wire, as bytes: golden files, round trips, and what is refused.
// LODE_REWRITE_GOLDEN=1 unit_snapshot writes the golden files anew.
#include "snapshot/message.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "peer/fields.h"
#include "unit/snapshot/examples.h"

namespace lode::snapshot {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

TEST(SnapshotMessage, BytesAreAsTheyWere) {
  for (const Example& example : examples()) {
    const auto path =
        std::filesystem::path(LODE_SOURCE_DIR) / "tests/golden/snapshot" / ("v1-" + example.name + ".bin");
    if (std::getenv("LODE_REWRITE_GOLDEN")) std::ofstream(path, std::ios::binary) << example.body;
    EXPECT_EQ(read_file(path), example.body) << example.name;
  }
}

TEST(SnapshotMessage, ComesBackAsItWas) {
  for (const Request& request : {Request(Open{{7, 8}}), Request(Read{1, 2, 3, 4}), Request(Close{9})})
    EXPECT_EQ(decode_request(encode(request)), request);
  for (const Opened& opened : {Opened(Preparing{1, 2}), Opened(example_manifest()), Opened(Manifest{})})
    EXPECT_EQ(decode_opened(encode(opened)), opened);
}

TEST(SnapshotMessage, RefusesWhatIsCutOrLonger) {
  for (const Example& example : examples()) {
    if (example.name == "piece") continue;
    const bool answer = example.name == "preparing" || example.name == "manifest";
    auto decode = [&](std::string_view body) {
      answer ? void(decode_opened(body)) : void(decode_request(body));
    };
    decode(example.body);
    for (size_t size = 0; size < example.body.size(); ++size)
      EXPECT_THROW(decode(std::string_view(example.body).substr(0, size)), peer::BadFrame)
          << example.name << size;
    EXPECT_THROW(decode(example.body + '\0'), peer::BadFrame);
    std::string newer = example.body;
    newer[0] = 2;
    EXPECT_THROW(decode(newer), peer::BadFrame);
  }
}

TEST(SnapshotMessage, ANameIsNoPath) {
  for (const char* name :
       {"", ".", "..", "a/b", "../state", "/etc/passwd", ".hidden", "a b", "a\n", "n\u00e4me"}) {
    Manifest manifest = example_manifest();
    manifest.files = {{name, 1, {}}};
    EXPECT_THROW(decode_opened(encode(Opened(manifest))), peer::BadFrame) << name;
  }
  std::string zero = encode(Opened(example_manifest()));
  zero[zero.find("CURRENT") + 3] = '\0';
  EXPECT_THROW(decode_opened(zero), peer::BadFrame);
}

TEST(SnapshotMessage, FilesAreInOrderAndNoLargerThanADisk) {
  Manifest twice = example_manifest();
  twice.files[1].name = twice.files[0].name;
  EXPECT_THROW(decode_opened(encode(Opened(twice))), peer::BadFrame);
  Manifest large = example_manifest();
  large.files[0].size = large.files[1].size = uint64_t{1} << 63;
  EXPECT_THROW(decode_opened(encode(Opened(large))), peer::BadFrame);
  EXPECT_THROW(decode_request(encode(Request(Read{1, 0, 0, 0}))), peer::BadFrame);
  EXPECT_THROW(decode_request(encode(Request(Read{1, 0, kMaxPieceBytes + 1, 0}))), peer::BadFrame);
}

TEST(SnapshotMessage, APieceIsWholeOrNothing) {
  const std::string piece = examples().back().body;
  EXPECT_EQ(open_piece(piece, 15), "bytes of a file");
  EXPECT_FALSE(open_piece(piece, 14));
  EXPECT_FALSE(open_piece(piece, UINT32_MAX));
  EXPECT_FALSE(open_piece("", 0));
  for (size_t i = 0; i < piece.size() * 8; ++i) {
    std::string flipped = piece;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ 1 << i % 8);
    EXPECT_FALSE(open_piece(flipped, 15));
  }
}

}  // namespace
}  // namespace lode::snapshot
