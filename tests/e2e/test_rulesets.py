"""Another ruleset: of one node by its files, of a cluster through the log, with nodes killed on the way."""
import json
import os
import random
import re
import threading
import time

import cluster
import load
import lode
import shop

FEES = ["POST", "DOT"]
BATCH = 1000


def orders(first, count):
    """Some with a fee line, on two days."""
    return [shop.purchase(n, [shop.line(), shop.line(FEES[n % 2], 1, "5")] if n % 3 else [shop.line()],
                          occurred_at=f"2011-01-0{5 + n % 2}T08:26:00Z", event_id=f"p{n}")
            for n in range(first, first + count)]


class OneNode(lode.LodeTest):
    def test_a_change_of_the_files_is_killed_on_its_way(self):
        """However often it is killed while it rebuilds, it is never ready with the old rows, and ends with the new ones."""
        flags = ["--state-epoch-events", "2000"]
        node = self.started(*flags)
        for first in range(0, 30 * BATCH, BATCH):
            self.assertEqual(node.post_ndjson(orders(first, BATCH)).json["accepted"], BATCH)
        node.stop()
        node.flags = [*flags, "--silver-fee-skus", ",".join(FEES), "--gold-time-zone", "Europe/Berlin"]
        seed = random.randrange(10**6)
        print("seed", seed)
        dice = random.Random(seed)
        for _ in range(8):
            node.begin()
            ends = time.monotonic() + dice.uniform(0.02, 0.6)
            while time.monotonic() < ends:
                answer = cluster.ask(node.port, "GET", "/readyz?verbose", timeout=1)
                if answer and answer.status == 200:
                    self.assertEqual(node.gold("daily_sales")[0]["fees"], "50000.00")
                    break
                time.sleep(0.005)
            node.kill()
        node.start()
        status = node.get("/v1/status").json
        self.assertEqual((status["ruleset"], status["building"]), (status["configured_ruleset"], None))
        twin = self.started(*node.flags, name="twin")
        for first in range(0, 30 * BATCH, BATCH):
            twin.post_ndjson(orders(first, BATCH))
        self.assertEqual(status["state_hash"]["hash"], twin.get("/v1/status").json["state_hash"]["hash"])
        lode.wait_for(lambda: [name for name in os.listdir(node.data_dir) if name.startswith("state")] != ["state"])
        node.stop()
        node.start()
        self.assertEqual(node.post(orders(0, 1)[0]).json["duplicates"], 1)
        self.assertEqual(len([name for name in os.listdir(node.data_dir) if name.startswith("state")]), 1)


class ThreeNodes(cluster.ClusterTest):
    def changed(self, one, name):
        """The ruleset in force with FEES, as lodectl reads and writes it."""
        done = self.run_program("lodectl", "--server", one[1].url, "ruleset", "show", check=True)
        text = re.sub(r"fee_skus = \[.*?\]", f'fee_skus = ["{FEES[1]}", "{FEES[0]}"]', done.stdout)
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def apply(self, node, path):
        return self.run_program("lodectl", "--server", node.url, "ruleset", "apply", path, check=True)

    def test_all_nodes_change_at_the_same_record(self):
        one = self.started_cluster("--state-epoch-events", "2000")
        client = load.Client(one)
        for first in range(0, 20 * BATCH, BATCH):
            client.post(orders(first, BATCH))
        stop = threading.Event()
        written = []

        def write():
            mine = load.Client(one)
            for first in range(20 * BATCH, 200 * BATCH, 50):
                if stop.is_set():
                    return
                mine.post(orders(first, 50))
                written.append(first)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            path = self.changed(one, "first.toml")
            victim = one.followers()[0]
            killer = threading.Timer(0.05, victim.kill)
            killer.start()
            again = threading.Timer(0.6, victim.begin)
            again.start()
            self.apply(one.wait_leader(), path)
        finally:
            stop.set()
            writer.join()
        killer.join()
        again.join()
        for node in one:
            node.wait_ready()
        client.post(orders(0, 1))
        one.wait_same()
        self.assertEqual(len({node.facts()["ruleset"]["hash"] for node in one}), 1)
        self.assert_same_rows(list(one))
        self.assertTrue(written)
        fees = sum(float(row["fees"]) for row in one[2].gold("daily_sales"))
        lines = sum(n % 3 != 0 for n in range(max(written) + 50))
        self.assertEqual(fees, 5.0 * lines)
        self.assertEqual([node.facts()["divergence"] for node in one], [None] * 3)

        one.prepare(4)
        self.assertEqual(one.command(1, "add", id=4, address=one.address(4)).status, 200)
        one.wait_members(voters=3, standbys=1)
        one[4].wait_ready()
        one.wait_same()
        self.assert_same_rows([one[1], one[4]])

        one[3].kill()
        one[3].begin()
        one[3].wait_ready()
        one.wait_same()
        self.assertIn("has no effect", one[3].log)

    def test_a_node_that_goes_on_alone_keeps_the_ruleset(self):
        one = self.started_cluster()
        load.Client(one).post(orders(0, 30))
        self.apply(one.wait_leader(), self.changed(one, "first.toml"))
        one.wait_same()
        before = one[1].facts()["ruleset"]["hash"]
        self.assertNotEqual(one[1].status()["ruleset"], one[1].status()["configured_ruleset"])
        fees = [row["fees"] for row in one[1].gold("daily_sales")]
        one[2].kill()
        one[3].kill()
        lode.wait_for(lambda: not one[1].facts()["leader"], 20)
        one.ctl(1, "unsafe-recover", "--yes")
        one[1].wait_ready()
        self.assertEqual(one[1].facts()["ruleset"]["hash"], before)
        self.assertEqual([row["fees"] for row in one[1].gold("daily_sales")], fees)

    def truncate(self, node, before):
        answer = node.ask("POST", "/v1/admin/log/truncate", json.dumps({"before": before}),
                          {"Content-Type": "application/json"}, timeout=60)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_a_node_that_joins_behind_the_logs_beginning_takes_state_and_ruleset(self):
        one = self.started_cluster("--state-epoch-events", "1000")
        client = load.Client(one)
        for first in range(0, 5 * BATCH, BATCH):
            client.post(orders(first, BATCH))
        self.apply(one.wait_leader(), self.changed(one, "first.toml"))
        for first in range(5 * BATCH, 8 * BATCH, 100):
            client.post(orders(first, 100))
        for node in one:
            self.assertGreater(self.truncate(node, 6 * BATCH)["dropped_entries"], 0)
        one.prepare(4)
        self.assertEqual(one.command(1, "add", id=4, address=one.address(4)).status, 200)
        one.wait_members(voters=3, standbys=1)
        one[4].wait_ready()
        one.wait_same()
        self.assertIn("the state of another node is in place here", one[4].log)
        self.assert_same_rows([one[1], one[4]])
        self.assertEqual(one[4].status()["ruleset"], one[1].status()["ruleset"])
        self.assertNotEqual(one[4].status()["ruleset"], one[4].status()["configured_ruleset"])
        one[4].kill()
        one[4].begin()
        one[4].wait_ready()
        client.post(orders(8 * BATCH, 10))
        one.wait_same()
        done = self.run_program("lodectl", "--server", one[1].url, "ruleset", "apply", self.changed(one, "second.toml"))
        self.assertEqual(done.returncode, 0, "it is in force already")
