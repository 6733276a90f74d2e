#include "wire/events_route.h"
#include "wire/route.h"

namespace lode::wire {

const std::vector<Route>& routes() {
  static const std::vector<Route> kRoutes = {
      {.method = Method::post,
       .path = "/v1/events",
       .name = "postEvents",
       .body_types = {"application/json"},
       .handle = post_events},
  };
  return kRoutes;
}

}  // namespace lode::wire
