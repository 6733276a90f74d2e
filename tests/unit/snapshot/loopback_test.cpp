// A state from one node to another over real sockets, while the connection is cut again and again.
#include <gtest/gtest.h>

#include <thread>

#include "peer/network.h"
#include "snapshot/fetch.h"
#include "unit/snapshot/offered_state.h"

namespace lode::snapshot {
namespace {

using namespace std::chrono_literals;

peer::Settings settings_of(uint64_t node) {
  peer::Settings settings;
  settings.node = {node};
  settings.cluster.bytes.fill(1);
  settings.listen = "127.0.0.1:0";
  settings.timing.first_backoff = 5ms;
  settings.timing.last_backoff = 20ms;
  return settings;
}

TEST(SnapshotLoopback, AStateComesOverSockets) {
  OfferedState state;
  for (int i = 0; i < 5; ++i) state.grow();
  test::TemporaryFolder home;
  env::SystemClock clock;
  Source source({.folder = home.path() / "outgoing"}, state.make(), clock);
  const peer::Callbacks callbacks{[](raft::NodeId, raft::Message) {}, {}};
  peer::Network giving(settings_of(1), callbacks, clock), taking(settings_of(2), callbacks, clock);
  giving.handle(kCallKind, source.handler());
  const std::vector<peer::Peer> all{{{1}, giving.address()}, {{2}, taking.address()}};
  giving.set_peers(all);
  taking.set_peers(all);
  giving.start();
  taking.start();

  int sent = 0;
  Call call = [&](raft::NodeId to, peer::Bytes body, std::chrono::milliseconds timeout, peer::Done done) {
    if (++sent % 150 == 0) taking.set_peers({});  // cuts the connection
    taking.call(to, kCallKind, std::move(body), timeout, std::move(done));
  };
  Fetch fetch({.folder = home.path() / "incoming", .piece_bytes = 2000, .first_pause = 5ms}, call, {},
              [&](auto) {
                taking.set_peers(all);
                return raft::NodeId{1};
              });
  const auto fetched = fetch.run();
  taking.stop();
  giving.stop();
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->checkpoint, state.checkpoint());
  EXPECT_EQ(rows_in(fetched->folder), state.rows());
  EXPECT_GT(sent, 450);
}

}  // namespace
}  // namespace lode::snapshot
