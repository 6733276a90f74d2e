#include "peer/raft_codec.h"

#include <stdexcept>

namespace lode::peer {
namespace {

constexpr size_t kMaxAddress = 256;
constexpr size_t kEntryHeaderBytes = 16;

OutFrame encode_one(const raft::RequestVote& message) {
  OutFrame frame(FrameType::request_vote);
  FieldWriter out(frame.head);
  out.number(message.term.value);
  out.number(message.candidate.value);
  out.number(message.last_index.value);
  out.number(message.last_term.value);
  out.flag(message.disrupt_leader);
  out.flag(message.pre_vote);
  return frame;
}

raft::RequestVote read_request_vote(FieldReader& in) {
  raft::RequestVote message;
  message.term.value = in.number<uint64_t>();
  message.candidate.value = in.number<uint64_t>();
  message.last_index.value = in.number<uint64_t>();
  message.last_term.value = in.number<uint64_t>();
  message.disrupt_leader = in.flag();
  message.pre_vote = in.flag();
  return message;
}

OutFrame encode_one(const raft::RequestVoteResult& message) {
  OutFrame frame(FrameType::request_vote_result);
  FieldWriter out(frame.head);
  out.number(message.term.value);
  out.flag(message.granted);
  out.flag(message.pre_vote);
  out.number(message.features);
  out.number(message.capacity);
  return frame;
}

raft::RequestVoteResult read_request_vote_result(FieldReader& in) {
  raft::RequestVoteResult message;
  message.term.value = in.number<uint64_t>();
  message.granted = in.flag();
  message.pre_vote = in.flag();
  message.features = in.number<uint16_t>();
  message.capacity = in.number<uint16_t>();
  return message;
}

OutFrame encode_one(const raft::AppendEntries& message) {
  if (message.entries.size() > kMaxEntries)
    throw std::length_error("AppendEntries with " + std::to_string(message.entries.size()) + " entries");
  OutFrame frame(FrameType::append_entries);
  FieldWriter out(frame.head);
  frame.head.reserve(frame.head.size() + 40 + message.entries.size() * kEntryHeaderBytes);
  out.number(message.term.value);
  out.number(message.prev_index.value);
  out.number(message.prev_term.value);
  out.number(message.leader_commit.value);
  out.number(static_cast<uint32_t>(message.entries.size()));
  out.zeros(4);
  frame.tail.reserve(message.entries.size());
  for (const raft::Entry& entry : message.entries) {
    if (entry.payload.size() > kMaxBodyBytes)
      throw std::length_error("an entry is larger than a frame may be");
    out.number(entry.term.value);
    out.number(static_cast<uint32_t>(entry.payload.size()));
    out.number(static_cast<uint8_t>(entry.type));
    out.zeros(3);
    if (!entry.payload.empty()) frame.tail.emplace_back(entry.payload, entry.owner);
  }
  return frame;
}

log::EntryType read_entry_type(FieldReader& in) {
  const auto type = in.number<uint8_t>();
  if (type < static_cast<uint8_t>(log::EntryType::batch) ||
      type > static_cast<uint8_t>(log::EntryType::control))
    throw BadFrame("entry type " + std::to_string(type) + " is unknown");
  return static_cast<log::EntryType>(type);
}

raft::AppendEntries read_append_entries(FieldReader& in, const std::shared_ptr<const void>& owner) {
  raft::AppendEntries message;
  message.term.value = in.number<uint64_t>();
  message.prev_index.value = in.number<uint64_t>();
  message.prev_term.value = in.number<uint64_t>();
  message.leader_commit.value = in.number<uint64_t>();
  const auto count = in.number<uint32_t>();
  in.zeros(4);
  if (count > kMaxEntries) throw BadFrame("an AppendEntries has more entries than it may");
  FieldReader headers(in.raw(count * kEntryHeaderBytes));
  message.entries.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    raft::Entry& entry = message.entries.emplace_back();
    entry.term.value = headers.number<uint64_t>();
    const auto length = headers.number<uint32_t>();
    entry.type = read_entry_type(headers);
    headers.zeros(3);
    entry.payload = in.raw(length);
    entry.owner = owner;
  }
  return message;
}

OutFrame encode_one(const raft::AppendEntriesResult& message) {
  OutFrame frame(FrameType::append_entries_result);
  FieldWriter out(frame.head);
  out.number(message.term.value);
  out.number(message.rejected.value);
  out.number(message.last_index.value);
  out.number(message.features);
  out.number(message.capacity);
  return frame;
}

raft::AppendEntriesResult read_append_entries_result(FieldReader& in) {
  raft::AppendEntriesResult message;
  message.term.value = in.number<uint64_t>();
  message.rejected.value = in.number<uint64_t>();
  message.last_index.value = in.number<uint64_t>();
  message.features = in.number<uint16_t>();
  message.capacity = in.number<uint16_t>();
  return message;
}

OutFrame encode_one(const raft::InstallSnapshot& message) {
  const auto& servers = message.configuration.servers;
  if (servers.size() > kMaxServers)
    throw std::length_error("a configuration of " + std::to_string(servers.size()) + " nodes");
  OutFrame frame(FrameType::install_snapshot);
  FieldWriter out(frame.head);
  out.number(message.term.value);
  out.number(message.last_index.value);
  out.number(message.last_term.value);
  out.number(message.configuration_index.value);
  out.number(static_cast<uint16_t>(servers.size()));
  for (const raft::Server& server : servers) {
    if (server.address.size() > kMaxAddress) throw std::length_error("an address of more than 256 bytes");
    out.number(server.id.value);
    out.number(static_cast<uint8_t>(server.role));
    out.text(server.address, kMaxAddress);
  }
  return frame;
}

raft::InstallSnapshot read_install_snapshot(FieldReader& in) {
  raft::InstallSnapshot message;
  message.term.value = in.number<uint64_t>();
  message.last_index.value = in.number<uint64_t>();
  message.last_term.value = in.number<uint64_t>();
  message.configuration_index.value = in.number<uint64_t>();
  const auto count = in.number<uint16_t>();
  if (count > kMaxServers) throw BadFrame("a configuration has more nodes than it may");
  for (uint16_t i = 0; i < count; ++i) {
    raft::Server& server = message.configuration.servers.emplace_back();
    server.id.value = in.number<uint64_t>();
    const auto role = in.number<uint8_t>();
    if (role > static_cast<uint8_t>(raft::Role::spare)) throw BadFrame("a node's role is unknown");
    server.role = static_cast<raft::Role>(role);
    server.address = in.text(kMaxAddress);
  }
  return message;
}

OutFrame encode_one(const raft::TimeoutNow& message) {
  OutFrame frame(FrameType::timeout_now);
  FieldWriter out(frame.head);
  out.number(message.term.value);
  out.number(message.last_index.value);
  out.number(message.last_term.value);
  return frame;
}

raft::TimeoutNow read_timeout_now(FieldReader& in) {
  raft::TimeoutNow message;
  message.term.value = in.number<uint64_t>();
  message.last_index.value = in.number<uint64_t>();
  message.last_term.value = in.number<uint64_t>();
  return message;
}

raft::Message read_message(const Frame& frame, FieldReader& in) {
  switch (frame.type) {
    case FrameType::request_vote:
      return read_request_vote(in);
    case FrameType::request_vote_result:
      return read_request_vote_result(in);
    case FrameType::append_entries:
      return read_append_entries(in, frame.owner);
    case FrameType::append_entries_result:
      return read_append_entries_result(in);
    case FrameType::install_snapshot:
      return read_install_snapshot(in);
    case FrameType::timeout_now:
      return read_timeout_now(in);
    default:
      throw BadFrame("a frame holds no Raft message");
  }
}

}  // namespace

OutFrame encode(const raft::Message& message) {
  return std::visit([](const auto& one) { return encode_one(one); }, message);
}

raft::Message decode_message(const Frame& frame) {
  FieldReader in(frame.body);
  raft::Message message = read_message(frame, in);
  in.end();
  return message;
}

bool is_raft(FrameType type) { return type >= FrameType::request_vote; }

}  // namespace lode::peer
