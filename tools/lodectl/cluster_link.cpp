#include "lodectl/cluster_link.h"

#include <thread>

namespace lode::lodectl {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);

}  // namespace

HttpAnswer HttpClusterLink::command(const std::string& name, const std::string& body) {
  bool ruleset = name == "ruleset";
  HttpRequest request{"POST", ruleset ? "/v1/admin/ruleset" : "/v1/admin/cluster/" + name, {}, body};
  request.headers.emplace_back("Content-Type", ruleset ? "application/toml" : "application/json");
  return client_.send(request);
}

void HttpClusterLink::pause() { std::this_thread::sleep_for(kPause); }

double HttpClusterLink::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace lode::lodectl
