"""What is done to a cluster while it serves: three nodes restarted in turn."""
import itertools

import cluster
import load
import lode
import shop


class Rolling(cluster.ClusterTest):
    def test_three_nodes_restarted_in_turn_lose_no_request(self):
        made = self.started_cluster()
        batches = ([shop.purchase(number) for number in range(start, start + 5)] for start in itertools.count(0, 5))
        busy = load.Load(made, batches, per_second=600, timeout=20).start()
        self.addCleanup(busy.stop)
        lode.wait_for(lambda: busy.count() > 50)
        for _ in range(2):
            leader = made.wait_agreed()
            for node in [*(node for node in made if node is not leader), leader]:
                started = lode.time.monotonic()
                self.assertEqual(node.stop(), 0)
                ended = lode.time.monotonic()
                node.begin()
                node.wait_ready()
                made.wait_agreed()
                print(f"node {node.id}{' (leader)' if node is leader else ''}: stopped in {ended - started:.2f} s, "
                      f"ready after {lode.time.monotonic() - ended:.2f} s", flush=True)
        busy.stop()
        refused = [request.refusals for request in busy.acknowledged if request.refusals]
        print(f"{busy.count()} requests, {len(refused)} sent twice, longest gap {busy.gaps()[0] * 1000:.0f} ms", flush=True)
        self.assertEqual((busy.problems, busy.refused_more_than_once()), ([], []))
        made.wait_same()
        self.assert_same_log(made)
        self.assert_same_rows(made)
