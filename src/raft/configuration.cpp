#include "raft/configuration.h"

#include <algorithm>
#include <stdexcept>

#include "raft/library.h"
#include "raft/library_servers.h"

namespace lode::raft {

std::string encode(const Configuration& configuration) {
  const LibraryServers servers(configuration, {});
  size_t size = 0;
  void* bytes = library_encode(&servers.get(), &size);
  if (bytes == nullptr) throw std::invalid_argument("raft: two servers with one id or one address");
  std::string out(static_cast<const char*>(bytes), size);
  library_free_bytes(bytes);
  return out;
}

std::optional<Configuration> decode_configuration(std::string_view bytes) {
  Configuration out;
  auto take = [](void* to, const library_server* server) {
    static_cast<Configuration*>(to)->servers.push_back(
        {{server->id}, server->address, static_cast<Role>(server->role)});
  };
  if (!library_decode(bytes.data(), bytes.size(), take, &out)) return std::nullopt;
  return out;
}

const Server* find(const Configuration& configuration, NodeId id) {
  const auto& servers = configuration.servers;
  const auto found =
      std::find_if(servers.begin(), servers.end(), [&](const Server& s) { return s.id == id; });
  return found == servers.end() ? nullptr : &*found;
}

size_t voters(const Configuration& configuration) {
  return static_cast<size_t>(std::count_if(configuration.servers.begin(), configuration.servers.end(),
                                           [](const Server& s) { return s.role == Role::voter; }));
}

bool is_voter(const Configuration& configuration, NodeId id) {
  const Server* server = find(configuration, id);
  return server != nullptr && server->role == Role::voter;
}

bool is_sole_voter(const Configuration& configuration, NodeId id) {
  return is_voter(configuration, id) && voters(configuration) == 1;
}

}  // namespace lode::raft
