"""What is done to a cluster while it serves: three nodes restarted in turn, another ruleset."""
import itertools
import os
import random

import cluster
import load
import lode
import shop
import streams
import watch


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


class Ruleset(cluster.ClusterTest):
    """It is changed under load: each node builds its rows anew beside those that serve, and all exchange them at one entry."""

    def setUp(self):
        super().setUp()
        self.made = self.started_cluster("--silver-fee-skus", "POST", "--gold-time-zone", "UTC")
        # A node of its own under the new rules: its text, and the rows that the cluster is to have in the end.
        self.alone = self.started("--silver-fee-skus", ",".join(streams.FEE_SKUS), "--gold-time-zone", "Europe/Berlin",
                                  "--cluster-listen", f"127.0.0.1:{lode.free_port()}", name="alone")
        self.file = os.path.join(self.folder, "ruleset.toml")
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(lode.wait_for(lambda: (answer := self.alone.get("/v1/ruleset")).status == 200 and answer.text))

    def rulesets(self):
        return {facts["ruleset"]["hash"] for node in self.made if (facts := node.facts())}

    def apply(self, node):
        self.run_program("lodectl", "--server", node.url, "ruleset", "apply", self.file, check=True)

    def check(self):
        """All nodes have the rows that a node has which took the records under the new rules."""
        status = self.made.wait_same()
        self.assert_same_rows(self.made)
        records = [record["event"] for record in self.made[2].log_records()]
        for start in range(0, len(records), 500):
            self.alone.post_ndjson(records[start:start + 500])
        mine = self.alone.get("/v1/status").json
        self.assertEqual(mine["ruleset"], status["ruleset"])
        for part in ("offset", "hash", "tables", "views"):
            self.assertEqual(mine["state_hash"][part], status["state_hash"][part])

    def test_all_nodes_change_at_the_same_record_under_load(self):
        seed = random.randrange(10**6)
        print(f"seed {seed}", flush=True)
        first = {}
        for event in streams.Stream(seed).events(3000):
            first.setdefault((event["source"], event["event_id"]), event)
        before, = self.rulesets()
        seen = watch.Watch(self.made)
        self.addCleanup(seen.stop)
        busy = load.Load(self.made, streams.batches(list(first.values()), seed, 10), seed=seed, per_second=600, timeout=20)
        busy.start()
        lode.wait_for(lambda: busy.count() > 100)
        self.apply(self.made.followers()[0])
        lode.wait_for(lambda: len(self.rulesets()) == 1 and before not in self.rulesets())
        at_change = busy.taken
        busy.wait()
        self.assertLess(at_change, len(first), "the load had ended before the change")
        self.assertEqual((busy.problems, seen.stop().problems(), busy.refused_more_than_once()), ([], [], []))
        print(f"changed after about {at_change} of {len(first)} events; longest gap {busy.gaps()[0] * 1000:.0f} ms; {seen}", flush=True)
        self.check()

    def test_the_log_wins_over_files_and_a_node_that_was_away_learns_it(self):
        load.Client(self.made, timeout=10).post(streams.Stream(3).events(40))
        away = self.made.followers()[0]
        away.kill()
        self.made[self.made.wait_leader().id].post(shop.purchase(1))
        away.begin()
        away.wait_ready()
        before, = self.rulesets()
        self.apply(self.made[1])
        lode.wait_for(lambda: len(self.rulesets()) == 1 and before not in self.rulesets())
        for node in self.made:
            node.stop()
        for node in self.made:  # with the flags of before
            node.begin()
        for node in self.made:
            node.wait_ready()
        self.assertNotIn(before, self.rulesets())
        self.check()
