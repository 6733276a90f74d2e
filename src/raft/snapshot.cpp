#include "raft/snapshot.h"

#include "raft/big_endian.h"
#include "raft/configuration.h"

namespace lode::raft {

namespace {
constexpr char kVersion = 1;
}

std::string encode(const Snapshot& snapshot) {
  std::string out(1, kVersion);
  put_fixed64(out, snapshot.index.value);
  put_fixed64(out, snapshot.term.value);
  put_fixed64(out, snapshot.configuration_index.value);
  return out + encode(snapshot.configuration);
}

std::optional<Snapshot> decode_snapshot(std::string_view bytes) {
  if (bytes.size() < 25 || bytes[0] != kVersion) return std::nullopt;
  auto configuration = decode_configuration(bytes.substr(25));
  if (!configuration) return std::nullopt;
  return Snapshot{
      {fixed64_at(bytes, 1)}, {fixed64_at(bytes, 9)}, std::move(*configuration), {fixed64_at(bytes, 17)}};
}

}  // namespace lode::raft
