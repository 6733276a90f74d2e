#include "raft/snapshot.h"

#include "log/entry_key.h"
#include "raft/configuration.h"

namespace lode::raft {

namespace {
constexpr char kVersion = 1;
}

std::string encode(const Snapshot& snapshot) {
  return kVersion + log::fixed64(snapshot.index.value) + log::fixed64(snapshot.term.value) +
         log::fixed64(snapshot.configuration_index.value) + encode(snapshot.configuration);
}

std::optional<Snapshot> decode_snapshot(std::string_view bytes) {
  if (bytes.size() < 25 || bytes[0] != kVersion) return std::nullopt;
  auto configuration = decode_configuration(bytes.substr(25));
  if (!configuration) return std::nullopt;
  const auto number = [&](size_t at) { return log::parse_fixed64(bytes.substr(at, 8)).value(); };
  return Snapshot{{number(1)}, {number(9)}, std::move(*configuration), {number(17)}};
}

}  // namespace lode::raft
