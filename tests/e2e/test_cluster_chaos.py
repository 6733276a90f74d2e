"""A cluster under load while its leader is killed, paused and cut off: every acknowledged event is there once on every node, and
every cell of every table is the one that a single node gets that takes the log's records in order."""
import random
import time
import unittest

import cluster
import gate
import load
import lode
import retail
import streams
import twin
import watch

READ_SHARE = 0.1  # of the requests, after which a reader looks for what was acknowledged


class Faults:
    """What is done to a leader; each lasts for a random time, ends with all nodes at one leader again, and says what it was."""

    def __init__(self, made, dice):
        self.made, self.dice = made, dice

    def kill(self):
        leader = self.made.wait_agreed()
        leader.kill()
        self.rest(0.0, 1.5)
        leader.begin()
        return leader, "killed"

    def pause(self):
        leader = self.made.wait_agreed()
        leader.pause()
        self.rest(0.2, 3.0)
        leader.resume()
        return leader, "paused"

    def cut_off(self):
        leader, mode = self.made.wait_agreed(), self.dice.choice([gate.CUT, gate.DROP, gate.HOLD])
        self.made.cut_off(leader.id, mode)
        self.rest(0.2, 3.0)
        self.made.rejoin(delay=self.dice.choice([0, 0, 0.005]))
        return leader, f"cut off ({mode})"

    def rest(self, least, most):
        time.sleep(self.dice.uniform(least, most))


class Chaos(cluster.ClusterTest):
    def look(self, request, dice):
        """Now and then, after an acknowledgement: the record is there on the node that answered, and in a linearizable read of
        any node. No answer at all is no problem."""
        if dice.random() > READ_SHARE:
            return None
        event, result = dice.choice(list(zip(request.events, request.results)))
        path = f"/v1/log/{result['offset']}"
        node, path = ((request.node, path) if dice.random() < 0.5 else
                      (dice.choice(list(self.made)), f"{path}?consistency=linearizable"))
        answer = node.ask("GET", path, timeout=3)
        if not answer or answer.status == 503:
            return None
        if answer.status != 200 or answer.json["rows"][0]["event"]["event_id"] != event["event_id"]:
            return f"{path} of node {node.id}, after node {request.node.id} had acknowledged it: {answer}"
        self.reads += 1
        return None

    def run_chaos(self, events, kills, pauses, cuts, per_fault_seconds, *flags):
        seed = random.randrange(10**6)
        print(f"seed {seed}", flush=True)
        dice, self.reads = random.Random(seed), 0
        self.made = self.started_cluster(*flags)
        busy = load.Load(self.made, streams.batches(events, seed, 20), seed=seed, after=self.look, timeout=2)
        self.addCleanup(busy.stop)
        seen = watch.Watch(self.made)
        self.addCleanup(seen.stop)
        faults = Faults(self.made, dice)
        plan = [faults.kill] * kills + [faults.pause] * pauses + [faults.cut_off] * cuts
        dice.shuffle(plan)
        busy.start()
        for number, fault in enumerate(plan):
            busy.pace(max(50, (len(events) - busy.taken) / (per_fault_seconds * (len(plan) - number))))
            faults.rest(0.0, 0.5)
            before = busy.taken
            node, what = fault()
            self.made.wait_agreed()
            print(f"{number + 1}/{len(plan)}: node {node.id} {what}; {before} events sent before, {busy.taken} after", flush=True)
            self.assertEqual(busy.problems, [])
        busy.pace(None)
        busy.wait()
        self.assertEqual((busy.problems, seen.stop().problems()), ([], []))
        self.check_acknowledged(busy)
        gaps = " ".join(f"{gap:.2f}" for gap in busy.gaps()[:len(plan)])
        print(f"{len(busy.events())} events acknowledged, {self.reads} of them looked for at once; gaps {gaps} s\n{seen}", flush=True)

    def check_acknowledged(self, busy):
        for node in self.made:
            node.wait_ready()
        self.made.wait_same(seconds=120)
        self.assert_same_log(self.made)
        records = self.made[1].log_records()
        self.assertEqual([record["offset"] for record in records], list(range(len(records))))
        keys = [(record["event"]["source"], record["event"]["event_id"]) for record in records]
        self.assertEqual(len(keys), len(set(keys)), "an event is in the log twice")
        for request in busy.acknowledged:
            for event, result in zip(request.events, request.results):
                self.assertEqual(keys[result["offset"]], (event["source"], event["event_id"]))
        self.assertEqual(len(keys), len({(event["source"], event["event_id"]) for event in busy.events()}))
        self.records = [record["event"] for record in records]

    def check_rows(self, *flags):
        """All nodes hold the same, cell by cell, and the same as a node alone that took the records in their order."""
        alone = self.started(*flags, name="alone")
        for start in range(0, len(self.records), 500):
            answer = alone.post_ndjson(self.records[start:start + 500])
            self.assertEqual((answer.status, answer.json["duplicates"]), (200, 0), answer)
        mine, theirs = alone.get("/v1/status").json["state_hash"], self.made[1].status()["state_hash"]
        for part in ("offset", "hash", "tables", "views"):
            self.assertEqual(mine[part], theirs[part])
        node = cluster.Node(self.made, 99, dict)
        node.port = alone.port
        self.addCleanup(node.close)
        self.assert_same_rows([*self.made, node])
        for one in self.made:
            facts = one.facts()
            self.assertEqual((facts["divergence"], facts["trouble"]), (None, ""))


class SyntheticShop(Chaos):
    def test_a_leader_that_is_killed_paused_and_cut_off(self):
        flags = ["--silver-fee-skus", ",".join(streams.FEE_SKUS)]
        first = {}
        for event in streams.Stream(random.randrange(10**6)).events(3000):
            first.setdefault((event["source"], event["event_id"]), event)  # no conflicts: which is right would be by chance
        self.run_chaos(list(first.values()), 2, 1, 2, 2.0, *flags)
        self.check_rows(*flags)
        shop_twin = twin.Twin(streams.FEE_SKUS)
        for event in self.records:
            shop_twin.append(event)
        self.assert_no_differences(twin.all_differences(shop_twin, self.made[2]) +
                                   twin.quarantine_differences(shop_twin, self.made[3]))


@unittest.skipUnless(retail.path() and lode.LEVEL == "long", "online_retail.csv.zst is not at hand, or not --long")
class OnlineRetail(Chaos):
    def test_ten_kills_five_pauses_ten_cuts(self):
        flags = ["--silver-fee-skus", ",".join(retail.FEE_SKUS), "--state-epoch-events", "3000"]
        self.run_chaos(retail.events(), 10, 5, 10, 4.0, *flags)
        self.check_rows(*flags)
        shop_twin = twin.Twin(retail.FEE_SKUS)
        for event in retail.events():
            shop_twin.append(event)
        problems = []
        for view in ("daily_sales", "daily_product_sales", "customer_product_affinity"):  # these don't go by arrival
            problems += twin.differences(view, shop_twin.view(view), self.made[3].gold(view))
        self.assert_no_differences(problems)
