#include "cluster/log_entries.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "cluster/identity.h"
#include "peer/fields.h"
#include "raft/recovery.h"
#include "record/batch.h"

namespace lode::cluster {

namespace {

constexpr record::GroupId kGroup{0};
constexpr uint16_t kVersion = 1;
constexpr std::chrono::milliseconds kTimeout{5000};
constexpr std::chrono::milliseconds kConnect{5000}, kLook{20};

std::string encode(const log::StoredEntry& entry) {
  std::string bytes;
  peer::FieldWriter out(bytes);
  out.number(entry.term.value);
  out.number(static_cast<uint8_t>(entry.type));
  out.raw(entry.payload);
  return bytes;
}

log::StoredEntry decode(record::EntryIndex index, std::string_view bytes) {
  peer::FieldReader in(bytes);
  log::StoredEntry entry;
  entry.index = index;
  entry.term = {in.number<uint64_t>()};
  entry.type = static_cast<log::EntryType>(in.number<uint8_t>());
  entry.payload = in.rest();
  return entry;
}

std::vector<peer::Peer> members_in(log::Log& log) {
  std::vector<peer::Peer> found;
  try {
    for (const raft::Server& server : raft::newest_configuration(raft::recover(log, kGroup)).servers)
      found.push_back({server.id, server.address});
  } catch (const record::Corruption&) {  // the very entries that are asked for may be damaged
  }
  return found;
}

}  // namespace

void LogEntries::attach(peer::Network& network) {
  network.handle(kEntryKind, [this](const peer::Request& request, const peer::Responder& responder) {
    answer(request, responder);
  });
}

void LogEntries::answer(const peer::Request& request, const peer::Responder& responder) const {
  try {
    peer::FieldReader in(request.body.view);
    if (in.number<uint16_t>() != kVersion)
      return responder.fail("bad_request", "a request of another version");
    const record::EntryIndex index{in.number<uint64_t>()};
    const auto entry = index <= committed_() ? log_.read(kGroup, index) : std::nullopt;
    if (!entry) return responder.fail("no_entry", "this node does not have the entry, or not committed");
    responder.ok(peer::Bytes(encode(*entry)));
  } catch (const peer::BadFrame& error) {
    responder.fail("bad_request", error.what());
  } catch (const std::runtime_error& error) {
    responder.fail("damaged", error.what());
  }
}

std::optional<log::StoredEntry> fetch_entry(peer::Network& network, record::EntryIndex index) {
  std::string request;
  peer::FieldWriter out(request);
  out.number(kVersion);
  out.number(index.value);
  for (const peer::LinkStatus& link : network.links()) {
    if (!link.connected) continue;
    auto answered = std::make_shared<std::promise<peer::Answer>>();
    auto future = answered->get_future();
    network.call(link.node, LogEntries::kEntryKind, peer::Bytes(request), kTimeout,
                 [answered](peer::Answer answer) { answered->set_value(std::move(answer)); });
    const peer::Answer answer = future.get();
    if (answer.outcome != peer::Outcome::ok) continue;
    try {
      return decode(index, answer.body.view);
    } catch (const peer::BadFrame&) {  // the next one may know better
    }
  }
  return std::nullopt;
}

Outsider::Outsider(const Settings& settings, log::Log& log, const env::Clock& clock) {
  const Identity identity(log);
  if (identity.cluster().none())
    throw std::runtime_error("the data folder is of no cluster: there is nobody to ask");
  peer::Settings own = peer_settings(settings, identity.cluster());
  for (const peer::Peer& member : members_in(log)) {
    const auto named = std::find_if(own.peers.begin(), own.peers.end(),
                                    [&](const peer::Peer& peer) { return peer.id == member.id; });
    if (named == own.peers.end()) own.peers.push_back(member);
  }
  std::erase_if(own.peers, [&](const peer::Peer& peer) { return peer.id == settings.node; });
  peer::Callbacks callbacks;
  callbacks.on_message = [](raft::NodeId, const raft::Message&) {};
  network_ = std::make_unique<peer::Network>(std::move(own), std::move(callbacks), clock);
  network_->start();
  const auto until = std::chrono::steady_clock::now() + kConnect;
  auto is_connected = [&] {
    const auto links = network_->links();
    return std::any_of(links.begin(), links.end(),
                       [](const peer::LinkStatus& link) { return link.connected; });
  };
  while (!is_connected()) {
    if (std::chrono::steady_clock::now() > until)
      throw std::runtime_error("no other member of the cluster could be reached");
    std::this_thread::sleep_for(kLook);
  }
}

Outsider::~Outsider() {
  if (network_) network_->stop();
}

std::optional<log::StoredEntry> Outsider::fetch(record::EntryIndex index) {
  return fetch_entry(*network_, index);
}

}  // namespace lode::cluster
