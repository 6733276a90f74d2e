// One frame of each type, with fixed content: what the golden bytes hold, and what the fuzzer starts from.
#pragma once

#include <string>
#include <vector>

#include "peer/call_codec.h"
#include "peer/hello.h"
#include "peer/raft_codec.h"

namespace lode::peer {

struct Example {
  std::string name;
  OutFrame frame;
};

inline ClusterId example_cluster() {
  ClusterId id;
  for (size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<uint8_t>(i + 1);
  return id;
}

inline OutFrame example_ping(FrameType type) {
  OutFrame frame(type);
  FieldWriter(frame.head).number(uint64_t{123'456'789});
  return frame;
}

inline raft::AppendEntries example_append() {
  auto text = std::make_shared<const std::string>("first payload, second");
  raft::AppendEntries message{{7}, {41}, {6}, {40}, {}};
  message.entries.push_back({{6}, log::EntryType::batch, std::string_view(*text).substr(0, 13), text});
  message.entries.push_back({{7}, log::EntryType::no_op, {}, nullptr});
  message.entries.push_back({{7}, log::EntryType::change, std::string_view(*text).substr(13), text});
  return message;
}

// Fixed: a change here is a change of the format's history.
inline std::vector<Example> examples() {
  std::vector<Example> all;
  all.push_back(
      {"hello",
       encode(Hello{1, 3, example_cluster(), {2}, {3}, 0x1122334455667788, 5, "0.1.0", "10.0.0.2:7071"})});
  all.push_back({"welcome", encode(Welcome{1, 4, "0.1.0"})});
  all.push_back(
      {"refusal", encode(Refusal{RefusalCode::other_cluster, "The caller is of another cluster."})});
  all.push_back({"ping", example_ping(FrameType::ping)});
  all.push_back({"pong", example_ping(FrameType::pong)});
  all.push_back({"request", encode_request({9, 1500, 4}, Bytes(std::string("body")))});
  all.push_back({"response", encode_response(9, {Outcome::failed, "not_leader", "Node 2 leads.",
                                                 Bytes(std::string("more"))})});
  all.push_back({"request_vote", encode(raft::Message(raft::RequestVote{{8}, {2}, {43}, {7}, false, true}))});
  all.push_back(
      {"request_vote_result", encode(raft::Message(raft::RequestVoteResult{{8}, true, true, 3, 9}))});
  all.push_back({"append_entries", encode(raft::Message(example_append()))});
  all.push_back(
      {"append_entries_result", encode(raft::Message(raft::AppendEntriesResult{{7}, {42}, {39}, 1, 2}))});
  all.push_back({"install_snapshot",
                 encode(raft::Message(raft::InstallSnapshot{
                     {7},
                     {30},
                     {5},
                     {{{{1}, "10.0.0.1:7071", raft::Role::voter}, {{4}, "[::1]:7071", raft::Role::standby}}},
                     {12}}))});
  all.push_back({"timeout_now", encode(raft::Message(raft::TimeoutNow{{7}, {43}, {7}}))});
  return all;
}

inline std::string sealed(OutFrame frame) {
  seal(frame);
  std::string bytes = frame.head;
  for (const Bytes& piece : frame.tail) bytes += piece.view;
  return bytes;
}

}  // namespace lode::peer
