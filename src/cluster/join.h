// What a member gives to an empty node that becomes one: all that must be the same on every node and is not
// in the log. Bytes: FORMAT.md. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "peer/hello.h"

namespace lode::cluster {

struct Join {
  peer::ClusterId cluster;
  std::string secret;          // keys the hashes of event ids
  std::string controls;        // Host::controls()
  std::set<uint64_t> members;  // of now and before
};

std::string encode(const Join& join);
Join decode_join(std::string_view bytes);  // throws peer::BadFrame

}  // namespace lode::cluster
