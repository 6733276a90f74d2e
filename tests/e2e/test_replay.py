"""Replay while the server serves: built beside and exchanged, killed on the way, compared, rolled back; and states of
the past, against a server that was given only their prefix."""
import json
import os
import random
import subprocess
import threading
import time
import unittest

import cluster
import load
import lode
import retail
import shop

BATCH = 200
SLOW = ["--state-epoch-events", "2000"]  # what a kill leaves is small


def orders(first, count):
    return [shop.purchase(n, [shop.line(quantity=1 + n % 5)], occurred_at=f"2011-01-0{1 + n % 9}T08:26:00Z",
                          event_id=f"p{n}") for n in range(first, first + count)]


def mixed(first, count):
    """Orders, some with a revision, a refund or a cancellation."""
    out = orders(first, count)
    for n in range(first, first + count, 7):
        out.append(shop.refund(f"r{n}", n, [shop.line(quantity=1)]))
    for n in range(first, first + count, 11):
        out.append(shop.cancellation(f"c{n}", n))
    return out


class Writer(threading.Thread):
    """Posts batches until it is told to stop; batches whose answer was lost are sent again."""

    def __init__(self, node, batches):
        super().__init__(daemon=True)
        self.node, self.batches, self.ends, self.sent, self.failure = node, batches, threading.Event(), 0, None

    def run(self):
        while self.sent < len(self.batches) and not self.ends.is_set():
            try:
                body = "".join(json.dumps(event) + "\n" for event in self.batches[self.sent])
                done = subprocess.run(
                    ["curl", "-s", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Content-Type: {lode.NDJSON}",
                     "--data-binary", "@-", f"{self.node.url}/v1/events"], input=body, capture_output=True, text=True,
                    timeout=20, check=False)
                if done.stdout in ("200", "207"):
                    self.sent += 1
                else:
                    time.sleep(0.02)
            except subprocess.SubprocessError as error:
                self.failure = error
                return

    def finish(self):
        self.ends.set()
        self.join()
        assert self.failure is None, self.failure


class ReplayTest(lode.LodeTest):
    def lodectl(self, node, *words, **options):
        return self.run_program("lodectl", "--url", node.url, *words, **options)

    def begin(self, node, kind, **parameters):
        answer = node.request("POST", f"/v1/admin/{kind}", json.dumps(parameters).encode(),
                              {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 202, answer)
        return answer.json["id"]

    def ended(self, node, task, seconds=120):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            state = node.get(f"/v1/admin/tasks/{task}").json
            if state["state"] not in ("running", "interrupted"):
                return state
            time.sleep(0.05)
        raise AssertionError(f"{task} did not end: {state}")

    def done(self, node, kind, **parameters):
        task = self.ended(node, self.begin(node, kind, **parameters))
        self.assertEqual(task["state"], "done", task)
        return task["result"]

    def hash_of(self, node):
        return node.get("/v1/status").json["state_hash"]

    def roles(self, node):
        return sorted(one["role"] for one in node.get("/v1/status").json["generations"])

    def assert_is_a_recompute(self, node, batches, flags):
        """Rows and hash are those of a server that was given the same events."""
        twin = self.started(*flags, name=f"twin-{random.randrange(10**9)}")
        for batch in batches:
            twin.post_ndjson(batch)
        here, there = self.hash_of(node), self.hash_of(twin)
        self.assertEqual((here["offset"], here["hash"]), (there["offset"], there["hash"]), (here, there))
        for view in ["daily_sales", "customer_insights", "product_popularity"]:
            self.assertEqual(node.gold(view), twin.gold(view))
        twin.stop()


class OneNode(ReplayTest):
    def test_it_is_exchanged_under_load_and_rolled_back_after_a_restart(self):
        node = self.started(*SLOW)
        batches = [mixed(first, BATCH) for first in range(0, 60 * BATCH, BATCH)]
        for batch in batches[:30]:
            node.post_ndjson(batch)
        writer = Writer(node, batches[30:])
        writer.start()
        result = self.done(node, "replay")
        self.assertTrue(result["exchanged"])
        self.assertEqual(result["differs"], [])
        self.assertEqual(self.roles(node), ["former"])
        writer.join()
        self.assert_is_a_recompute(node, batches, SLOW)
        node.kill()
        node.start()
        self.assertEqual(self.roles(node), ["former"])
        self.assertTrue(self.done(node, "replay", action="rollback")["exchanged"])
        self.assert_is_a_recompute(node, batches, SLOW)
        self.assertEqual(self.roles(node), ["former"])
        self.assertEqual(self.done(node, "replay", action="drop"), {"dropped": 1})
        self.assertEqual(self.roles(node), [])
        lode.wait_for(lambda: len([n for n in os.listdir(node.data_dir) if n.startswith("state")]) == 1)
        self.assert_problem(node.request("POST", "/v1/admin/replay", b'{"action":"rollback"}',
                                         {"Content-Type": "application/json"}), 409, "no_former")

    def test_killed_on_its_way_it_goes_on(self):
        node = self.started(*SLOW)
        # The last 64 entries are applied without a bound: there are many more.
        batches = [mixed(first, BATCH // 4) for first in range(0, 60 * BATCH, BATCH // 4)]
        for batch in batches:
            node.post_ndjson(batch)
        seed = random.randrange(10**6)
        print("seed", seed)
        dice = random.Random(seed)
        task = self.begin(node, "replay", rate=5_000)
        runs = 1
        for _ in range(5):
            time.sleep(dice.uniform(0.1, 0.5))
            node.kill()
            node.start()
            runs = node.get(f"/v1/admin/tasks/{task}").json["runs"]
        end = self.ended(node, task)
        self.assertEqual(end["state"], "done", end)
        self.assertEqual(end["result"]["differs"] if "differs" in end["result"] else [], [])
        self.assertGreater(runs, 1)
        self.assert_is_a_recompute(node, batches, SLOW)

    def test_a_dry_run_compares_and_is_promoted(self):
        node = self.started(*SLOW)
        for first in range(0, 20 * BATCH, BATCH):
            node.post_ndjson(mixed(first, BATCH))
        said = self.lodectl(node, "replay", "--dry-run", "--view", "daily_sales", check=True).stdout
        self.assertIn("daily_sales: 9 rows, 9 when built again; the same", said)
        self.assertIn("what serves is what the log says", said)
        self.assertEqual(self.roles(node), ["built"])
        for first in range(20 * BATCH, 25 * BATCH, BATCH):
            node.post_ndjson(mixed(first, BATCH))
        before = self.hash_of(node)
        report = self.done(node, "replay", dry_run=True)["comparison"]
        self.assertTrue(report["same"])
        self.assertEqual([part["name"] for part in report["parts"]][:2], ["orders", "order_lines"])
        lines = next(part for part in report["parts"] if part["name"] == "order_lines")
        self.assertEqual(lines["rows"], {"old": 25 * BATCH, "new": 25 * BATCH})
        self.assertEqual(lines["totals"]["quantity"]["old"], lines["totals"]["quantity"]["new"])
        self.assertIn("it serves now", self.lodectl(node, "replay", "--promote", check=True).stdout)
        self.assertEqual(self.hash_of(node)["hash"], before["hash"])
        self.assertEqual(self.roles(node), ["former"])

    def test_it_is_cancelled_and_leaves_nothing(self):
        node = self.started(*SLOW)
        for first in range(0, 10 * BATCH, BATCH):
            node.post_ndjson(mixed(first, BATCH))
        task = self.begin(node, "replay", rate=500)
        self.assert_problem(node.request("POST", "/v1/admin/replay", b"{}", {"Content-Type": "application/json"}), 409,
                            "task_running")
        self.lodectl(node, "tasks", "cancel", task, check=True)
        self.assertEqual(self.ended(node, task)["state"], "cancelled")
        self.assertEqual(self.roles(node), [])
        self.assertEqual([n for n in os.listdir(node.data_dir) if n.startswith("state.")], [])
        done = self.lodectl(node, "replay", "--from", "5")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no_snapshot", done.stderr)

    def test_it_starts_at_a_snapshot_when_the_log_has_lost_its_beginning(self):
        node = self.started(*SLOW)
        batches = [mixed(first, BATCH) for first in range(0, 40 * BATCH, BATCH)]
        for batch in batches[:20]:
            node.post_ndjson(batch)
        middle = self.hash_of(node)["offset"]
        self.lodectl(node, "log", "truncate", "--before", str(middle // 2), "--yes", check=True)
        self.assertEqual(self.roles(node), ["snapshot"])
        for batch in batches[20:]:
            node.post_ndjson(batch)
        result = self.done(node, "replay")
        self.assertGreater(result["from_offset"], 0)
        self.assertEqual(result["differs"], [])
        self.assert_is_a_recompute(node, batches, SLOW)
        listed = self.lodectl(node, "snapshots", "list", check=True).stdout
        self.assertIn("snapshot.", listed)
        self.assertEqual(self.done(node, "replay", **{"from": str(middle)})["from_offset"], result["from_offset"])

    def test_the_past_is_what_a_server_with_only_that_prefix_has(self):
        node = self.started()
        batches = [mixed(first, BATCH) for first in range(0, 10 * BATCH, BATCH)]
        for batch in batches:
            node.post_ndjson(batch)
        whole = [event for batch in batches for event in batch]
        seed = random.randrange(10**6)
        print("seed", seed)
        last = random.Random(seed).randrange(len(whole))  # in the middle of an entry, most of the time
        folder = os.path.join(self.folder, "past")
        said = self.lodectl(node, "replay", "--to", str(last), "--into", folder, check=True).stdout
        self.assertIn(f"the state at offset {last}", said)
        self.assertIn("folder_in_use", self.lodectl(node, "replay", "--to", "1", "--into", folder).stderr)
        twin = self.started(name="twin")
        for first in range(0, last + 1, BATCH):
            twin.post_ndjson(whole[first:min(first + BATCH, last + 1)])
        past = self.server("--read-only", name="reader")
        past.data_dir = folder
        past.start()
        self.assertEqual(self.hash_of(past)["hash"], self.hash_of(twin)["hash"])
        for view in ["daily_sales", "customer_product_affinity"]:
            self.assertEqual(past.gold(view), twin.gold(view))
        self.assertEqual(past.rows("/v1/silver/orders"), twin.rows("/v1/silver/orders"))
        self.assert_problem(past.post(whole[0]), 403, "read_only")
        self.assert_problem(past.get("/v1/log"), 404, "no_log")
        asked = self.run_program("lodectl", "query", "--data-dir", folder, "daily_sales", "--format", "csv", check=True)
        self.assertEqual(asked.stdout, self.lodectl(twin, "query", "daily_sales", "--format", "csv", check=True).stdout)
        plain = self.server(name="plain")
        plain.data_dir = folder
        with self.assertRaisesRegex(AssertionError, "--read-only"):
            plain.start()


class ThreeNodes(ReplayTest, cluster.ClusterTest):
    def test_one_nodes_replay_changes_no_other_nodes_answers(self):
        one = self.started_cluster(*SLOW)
        client = load.Client(one)
        for first in range(0, 20 * BATCH, BATCH):
            client.post(mixed(first, BATCH))
        one.wait_agreed()
        node, *others = one.followers()
        before = [other.ask("GET", "/v1/status").json["state_hash"] for other in others]
        task = self.begin(node, "replay")
        client.post(mixed(20 * BATCH, BATCH))
        end = self.ended(node, task)
        self.assertEqual((end["state"], end["result"]["differs"]), ("done", []), end)
        one.wait_agreed()
        self.assert_same_rows(list(one))
        self.assertEqual([self.roles(other) for other in others], [[] for _ in others])
        self.assertEqual(self.roles(node), ["former"])
        self.assertGreater(self.hash_of(node)["offset"], before[0]["offset"])


@unittest.skipUnless(retail.path() and lode.LEVEL != "quick", "online_retail.csv.zst is not at hand, or --quick")
class OnlineRetail(ReplayTest):
    def test_a_replay_killed_at_random_while_a_writer_goes_on(self):
        flags = ["--silver-fee-skus", ",".join(retail.FEE_SKUS), "--state-epoch-events", "2000"]
        events = retail.events()
        batches = [events[first:first + 500] for first in range(0, len(events), 500)]
        node = self.started(*flags)
        for batch in batches[:len(batches) // 2]:
            node.post_ndjson(batch)
        writer = Writer(node, batches[len(batches) // 2:])
        writer.start()
        seed = random.randrange(10**6)
        print("seed", seed)
        dice = random.Random(seed)
        task = self.begin(node, "replay", rate=8_000)
        for _ in range(4):
            time.sleep(dice.uniform(0.1, 0.8))
            node.kill()
            node.start()
        end = self.ended(node, task, 300)
        self.assertEqual(end["state"], "done", end)
        writer.join()
        self.assertIsNone(writer.failure)
        self.assert_is_a_recompute(node, batches, flags)
        report = self.done(node, "replay", dry_run=True)["comparison"]
        self.assertTrue(report["same"], report)
        total = node.gold("daily_sales", group_by="currency")
        self.assertEqual([(row["currency"], row["net_sales"]) for row in total], [("GBP", "9793394.69")])


if __name__ == "__main__":
    unittest.main()
