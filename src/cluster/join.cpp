#include "cluster/join.h"

#include <algorithm>

#include "peer/fields.h"

namespace lode::cluster {

namespace {
constexpr uint16_t kVersion = 1;
constexpr size_t kMaxSecret = 64;
constexpr uint32_t kMaxControls = 16u << 20, kMaxMembers = 1u << 20;
}  // namespace

std::string encode(const Join& join) {
  std::string bytes;
  peer::FieldWriter out(bytes);
  out.number(kVersion);
  out.raw({reinterpret_cast<const char*>(join.cluster.bytes.data()), join.cluster.bytes.size()});
  out.text(join.secret, kMaxSecret);
  out.number(static_cast<uint32_t>(join.controls.size()));
  out.raw(join.controls);
  out.number(static_cast<uint32_t>(join.members.size()));
  for (const uint64_t id : join.members) out.number(id);
  return bytes;
}

Join decode_join(std::string_view bytes) {
  peer::FieldReader in(bytes);
  if (in.number<uint16_t>() == 0) throw peer::BadFrame("a join of version 0");
  Join out;
  const std::string_view cluster = in.raw(out.cluster.bytes.size());
  std::copy(cluster.begin(), cluster.end(), out.cluster.bytes.begin());
  out.secret = in.text(kMaxSecret);
  const auto controls = in.number<uint32_t>();
  if (controls > kMaxControls) throw peer::BadFrame("a ruleset that is too large");
  out.controls = in.raw(controls);
  const auto members = in.number<uint32_t>();
  if (members > kMaxMembers) throw peer::BadFrame("more members than there may be");
  for (uint32_t i = 0; i < members; ++i) out.members.insert(in.number<uint64_t>());
  return out;
}

}  // namespace lode::cluster
