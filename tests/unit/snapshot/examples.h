// One body of each kind, with fixed content: what the golden bytes hold, and what the fuzzer starts from.
#pragma once

#include <string>
#include <vector>

#include "snapshot/message.h"

namespace lode::snapshot {

inline Manifest example_manifest() {
  return {0x0102030405060708,
          1,
          {5'000'000, 1234, 1'300'000'000'000'000, 0x1122334455667788},
          {{"000012.sst", 67'108'864, {3, 4}}, {"CURRENT", 16, {5, 6}}, {"MANIFEST-000007", 900, {7, 8}}}};
}

struct Example {
  std::string name, body;
};

// Fixed: a change here is a change of the format's history.
inline std::vector<Example> examples() {
  std::string piece(kPieceHead, '\0');
  piece += "bytes of a file";
  seal_piece(piece);
  return {{"open", encode(Request(Open{{1234, 0x1122334455667788}}))},
          {"read", encode(Request(Read{0x0102030405060708, 2, 65'536, 1'048'576}))},
          {"close", encode(Request(Close{0x0102030405060708}))},
          {"preparing", encode(Opened(Preparing{10, 1000}))},
          {"manifest", encode(Opened(example_manifest()))},
          {"piece", piece}};
}

}  // namespace lode::snapshot
