#include "cluster/facts.h"

#include <algorithm>

#include "peer/fields.h"

namespace lode::cluster {

namespace {

constexpr uint16_t kVersion = 1;
constexpr size_t kMaxAddress = 256, kMaxSoftware = 64, kMaxTrouble = 1024, kMaxMarks = 4096;

void put(peer::FieldWriter& out, const peer::ClusterId& cluster) {
  out.raw({reinterpret_cast<const char*>(cluster.bytes.data()), cluster.bytes.size()});
}

peer::ClusterId cluster_of(peer::FieldReader& in) {
  peer::ClusterId cluster;
  const std::string_view bytes = in.raw(cluster.bytes.size());
  std::copy(bytes.begin(), bytes.end(), cluster.bytes.begin());
  return cluster;
}

void put(peer::FieldWriter& out, store::Digest digest) {
  out.number(static_cast<uint64_t>(digest.sum));
  out.number(static_cast<uint64_t>(digest.sum >> 64));
}

store::Digest digest_of(peer::FieldReader& in) {
  const auto low = in.number<uint64_t>();
  return {(static_cast<unsigned __int128>(in.number<uint64_t>()) << 64) | low};
}

// Later versions append; older readers ignore what follows.
void check_version(peer::FieldReader& in) {
  if (in.number<uint16_t>() == 0) throw peer::BadFrame("facts of version 0");
}

}  // namespace

std::string_view name_of(Place place) {
  switch (place) {
    case Place::waiting:
      return "waiting";
    case Place::follower:
      return "follower";
    case Place::candidate:
      return "candidate";
    case Place::leader:
      return "leader";
    case Place::installing:
      return "installing";
    case Place::removed:
      return "removed";
  }
  return "unknown";
}

std::string encode(const FactsRequest& request) {
  std::string bytes;
  peer::FieldWriter out(bytes);
  out.number(kVersion);
  put(out, request.cluster);
  out.number(request.node.value);
  out.flag(request.joined);
  out.text(request.address, kMaxAddress);
  return bytes;
}

FactsRequest decode_facts_request(std::string_view bytes) {
  peer::FieldReader in(bytes);
  check_version(in);
  FactsRequest out;
  out.cluster = cluster_of(in);
  out.node = {in.number<uint64_t>()};
  out.joined = in.flag();
  out.address = in.text(kMaxAddress);
  return out;
}

std::string encode(const Facts& facts) {
  std::string bytes;
  peer::FieldWriter out(bytes);
  out.number(kVersion);
  put(out, facts.cluster);
  out.number(facts.node.value);
  out.number(static_cast<uint8_t>(facts.place));
  for (uint64_t number : {facts.term, facts.leader.value, facts.commit, facts.last, facts.floor,
                          facts.applied, static_cast<uint64_t>(facts.applied_offset)})
    out.number(number);
  put(out, facts.state_hash);
  out.number(facts.level);
  out.number(facts.newest_level);
  for (uint64_t number : {facts.ruleset_hash, facts.build.ruleset_hash, facts.build.entry, facts.build.of})
    out.number(number);
  out.flag(facts.build.caught_up);
  out.number(facts.fetched_bytes);
  out.number(facts.fetch_bytes);
  out.text(facts.http, kMaxAddress);
  out.text(facts.tcp, kMaxAddress);
  out.text(facts.software, kMaxSoftware);
  out.text(facts.trouble, kMaxTrouble);
  const size_t marks = std::min(facts.marks.size(), kMaxMarks);
  out.number(static_cast<uint32_t>(marks));
  for (const Mark& mark : std::span(facts.marks).last(marks)) {
    out.number(mark.entry);
    put(out, mark.hash);
  }
  return bytes;
}

Facts decode_facts(std::string_view bytes) {
  peer::FieldReader in(bytes);
  check_version(in);
  Facts out;
  out.cluster = cluster_of(in);
  out.node = {in.number<uint64_t>()};
  const auto place = in.number<uint8_t>();
  if (place > static_cast<uint8_t>(Place::removed)) throw peer::BadFrame("a place that is not known");
  out.place = static_cast<Place>(place);
  out.term = in.number<uint64_t>();
  out.leader = {in.number<uint64_t>()};
  out.commit = in.number<uint64_t>();
  out.last = in.number<uint64_t>();
  out.floor = in.number<uint64_t>();
  out.applied = in.number<uint64_t>();
  out.applied_offset = static_cast<int64_t>(in.number<uint64_t>());
  out.state_hash = digest_of(in);
  out.level = in.number<uint32_t>();
  out.newest_level = in.number<uint32_t>();
  out.ruleset_hash = in.number<uint64_t>();
  out.build.ruleset_hash = in.number<uint64_t>();
  out.build.entry = in.number<uint64_t>();
  out.build.of = in.number<uint64_t>();
  out.build.caught_up = in.flag();
  out.fetched_bytes = in.number<uint64_t>();
  out.fetch_bytes = in.number<uint64_t>();
  out.http = in.text(kMaxAddress);
  out.tcp = in.text(kMaxAddress);
  out.software = in.text(kMaxSoftware);
  out.trouble = in.text(kMaxTrouble);
  const auto marks = in.number<uint32_t>();
  if (marks > kMaxMarks) throw peer::BadFrame("more marks than there may be");
  for (uint32_t i = 0; i < marks; ++i) {
    const auto entry = in.number<uint64_t>();
    out.marks.push_back({entry, digest_of(in)});
  }
  return out;
}

}  // namespace lode::cluster
