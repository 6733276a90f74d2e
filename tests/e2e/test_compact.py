"""Compaction of log and state: real processes, killed at random moments and continued while a writer goes on, compared in
full with a server that never compacted and with a recompute; and three nodes that cut alike."""
import json
import os
import random
import re
import time
import unittest

import cluster
import event_stream
import frames
import lode
import retail
import shop
from test_replay import Writer

COUNT = {"quick": 1500, "all": 6000, "long": 22000}[lode.LEVEL]  # invoices of the data set
BATCH = 100
SLOW = ["--state-epoch-events", "2000"]  # what a kill leaves is small
TABLES = cluster.TABLES + ["/v1/quarantine", "/v1/quality"]


def customer(number, customer_id, day="2011-01-05", **more):
    return {"event_id": f"crm-{number * 0x9E3779B97F4A7C15 % 2**64:016x}", "type": "customer", "source": "crm", "occurred_at": f"{day}T00:00:00Z",
            "customer_id": customer_id, "customer_type": "trade", "country": "Spain", "email": f"{number}@example.com", **more}


def product(number, sku, day="2011-01-05", **more):
    return {"event_id": f"erp-{number * 0x9E3779B97F4A7C15 % 2**64:016x}", "type": "product", "source": "erp", "occurred_at": f"{day}T00:00:00Z", "sku": sku,
            "description": f"description {number}", "category": "home", **more}


def with_upserts(events):
    """Behind each order what a CRM and an inventory say again of its customer and first product, some of it late."""
    out = []
    for number, event in enumerate(events):
        out.append(event)
        if event["customer"].get("id"):
            out.append(customer(number, event["customer"]["id"], f"2010-0{1 + number % 9}-11"))
        out.append(product(number, event["lines"][0]["sku"], f"2010-0{1 + (number * 7) % 9}-12"))
    return out


def upserts(first, count):
    """Of five customers and five products, newer ones all the time."""
    out = []
    for n in range(first, first + count):
        day = f"2011-{1 + n // 28 % 12:02}-{1 + n % 28:02}"
        out += [customer(n, f"C{n % 5}", day), product(n, f"S{n % 5}", day)]
    return out


class CompactTest(lode.LodeTest):
    def ctl(self, server, *arguments, exit_code=0, **options):
        done = self.run_program("lodectl", "--url", server.url, *arguments, **options)
        self.assertEqual(done.returncode, exit_code, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def result(self, server, *arguments, **options):
        return json.loads(self.ctl(server, "--json", *arguments, **options))["result"]

    def tasks(self, server, kind):
        return [task for task in server.get("/v1/admin/tasks").json["tasks"] if task["kind"] == kind]

    def everything(self, server):
        return {path: [row for row in server.rows(path)] for path in TABLES}

    def assert_same(self, server, expected):
        found = self.everything(server)
        for path in TABLES:
            self.assertEqual(len(found[path]), len(expected[path]), path)
            self.assertEqual([pair for pair in zip(found[path], expected[path]) if pair[0] != pair[1]][:1], [], path)

    def gaps(self, server):
        """The offsets of gaps; every other record stands at its own offset."""
        out, following = set(), 0
        for row in server.log_records():
            first, last = (row["gap"]["from"], row["gap"]["to"]) if "gap" in row else (row["offset"], row["offset"])
            self.assertEqual(first, following)
            out.update(range(first, last + 1) if "gap" in row else ())
            following = last + 1
        return out

    def assert_recompute_agrees(self, server):
        report = self.result(server, "verify", "--deep")
        self.assertTrue(report["whole"], report)


class Compaction(CompactTest):
    def filled(self, count=200, **options):
        node = self.started(**options)
        for start in range(0, count, BATCH):
            self.assertEqual(node.post_ndjson(upserts(start, min(BATCH, count - start))).status, 200)
        return node

    def test_superseded_upserts_become_gaps_for_every_reader(self):
        node = self.filled()
        node.post([shop.purchase(1, customer={"id": "C1"})])  # takes what was said last
        node.post_ndjson(upserts(200, 20))
        expected, before = self.everything(node), node.log_records()
        status = node.get("/v1/status").json
        said = self.ctl(node, "compact", "log", "--dry-run")
        self.assertRegex(said, r"records: \d+ of 440 upserts would become gaps\n")
        self.assertEqual(self.gaps(node), set())
        done = self.result(node, "compact", "log")
        gaps = self.gaps(node)
        self.assertEqual(done["dropped_records"], len(gaps))
        self.assertIn(f"records: {len(gaps)} of 440", said)
        self.assertEqual(done["held_by"], "")
        taken = [row["offset"] for row in before if row["event"].get("customer_id") == "C1" and row["offset"] < 400][-1]
        self.assertNotIn(taken, gaps)
        self.assertEqual(len(gaps), 440 - 10 - 1)
        after = {row["offset"]: row for row in node.log_records() if "gap" not in row}
        self.assertEqual(after, {row["offset"]: row for row in before if row["offset"] not in gaps})
        self.assert_same(node, expected)
        now = node.get("/v1/status").json
        self.assertEqual(now["state_hash"]["hash"], status["state_hash"]["hash"])
        self.assertGreater(now["log"]["compacted"]["last_entry"], 0)

        # By offset, over SSE, by lodectl tail, over TCP.
        self.assertEqual(node.get("/v1/log/3").json["rows"], [{"gap": {"from": 3, "to": 3}}])
        first = node.log_records()[0]["gap"]
        stream = event_stream.EventStream(node.port, "/v1/log?from=0")
        event = stream.next()
        self.assertEqual((event["event"], event["id"], event["data"]), ("gap", str(first["to"]), {"gap": first}))
        self.assertEqual(stream.next()["event"], "record")
        stream.close()
        lines = [json.loads(line) for line in self.ctl(node, "tail", "--from", "0", "--count", "3").splitlines()]
        self.assertEqual(lines[0], {"gap": first})
        self.assertIn("event", lines[1])
        client = frames.Client(node.tcp_port)
        records, following = client.fetch(0)
        self.assertEqual((client.gaps[0], records[0][0], following), ((first["from"], first["to"]), first["to"] + 1, 441))
        client.close()
        csv = node.request("GET", "/v1/log", headers={"Accept": "text/csv"}, parameters={"limit": 1000}).text.splitlines()
        self.assertEqual(csv[1], f'0,,,"{{""gap"":{{""from"":0,""to"":{first["to"]}}}}}",')
        self.assertIn("gap", self.ctl(node, "log", "--limit", "5"))

        # Ids stay known, with what they were.
        again = node.post_ndjson(upserts(0, 1)).json
        self.assertEqual([(row["status"], row["offset"]) for row in again["results"]], [("duplicate", 0), ("duplicate", 1)])
        other = node.post(customer(0, "C0", "2011-01-01", country="France")).json
        self.assertEqual(other["results"][0]["code"], "event_id_conflict")

        # A replay makes the same, and the next compaction finds nothing.
        self.ctl(node, "replay")
        self.assert_same(node, expected)
        self.assert_recompute_agrees(node)
        self.assertEqual(self.result(node, "compact", "log")["dropped_records"], 0)
        node.kill()
        node.start()
        self.assert_same(node, expected)
        self.assertEqual(self.gaps(node), gaps)

    def test_before_a_point(self):
        node = self.filled()
        self.result(node, "compact", "log", "--before", "250")
        self.assertLess(max(self.gaps(node)), 250)
        self.assertGreater(len(self.gaps(node)), 100)
        self.result(node, "compact", "log", "--before", "2000-01-01")
        refused = node.request("POST", "/v1/admin/compact-log", '{"before":"yesterday"}', {"Content-Type": "application/json"})
        self.assert_problem(refused, 400, "invalid_value", "/before")
        refused = node.request("POST", "/v1/admin/compact-log", '{"befor":"1"}', {"Content-Type": "application/json"})
        self.assert_problem(refused, 400, "unknown_member", "/befor")

    def test_the_state(self):
        node = self.filled(2000)
        hash_before = node.get("/v1/status").json["state_hash"]["hash"]
        self.assertRegex(self.ctl(node, "compact", "state"), r"disk: [\d.]+ MB before, [\d.]+ MB now\n")
        node.kill()
        node.start()
        self.assertEqual(node.get("/v1/status").json["state_hash"]["hash"], hash_before)
        self.assert_recompute_agrees(node)

    def test_a_compacted_log_is_backed_up_cut_and_repaired(self):
        node = self.filled()
        node.post([shop.purchase(n) for n in range(50)])
        self.result(node, "compact", "log")
        node.post([shop.purchase(n) for n in range(50, 60)])
        expected, gaps = self.everything(node), self.gaps(node)
        backups = os.path.join(self.folder, "backups")
        self.ctl(node, "backup", "create", backups)
        restored = self.server(name="restored")
        self.run_program("lodectl", "restore", backups, "--data-dir", restored.data_dir, check=True)
        restored.start()
        self.assert_same(restored, expected)
        self.assertEqual(self.gaps(restored), gaps)

        cut = self.server(name="cut")  # within a chunk
        self.run_program("lodectl", "restore", backups, "--data-dir", cut.data_dir, "--to-offset", "420", check=True)
        cut.start()
        self.assertEqual(cut.get("/v1/status").json["applied"]["offset"], 420)
        self.assert_recompute_agrees(cut)
        cut.post([shop.purchase(n) for n in range(100, 120)])
        self.result(cut, "compact", "log")
        self.assert_recompute_agrees(cut)

        past = os.path.join(self.folder, "past")
        self.ctl(node, "replay", "--to", "300", "--into", past)
        self.ctl(node, "log", "truncate", "--before", "405", "--yes")
        self.assertEqual(node.get("/v1/log/3").status, 410)
        self.assert_same(node, expected)

    @unittest.skipUnless(retail.path(), "the data set is not here")
    def test_online_retail_with_a_writer_killed_at_random_moments(self):
        seed = int(os.environ.get("LODE_SEED", time.time_ns() % 1_000_000))
        print(f"seed {seed}", flush=True)
        chance = random.Random(seed)
        events = with_upserts(retail.events()[:COUNT])
        batches = [events[at:at + BATCH] for at in range(0, len(events), BATCH)]
        node = self.started(*SLOW)
        for batch in batches[:len(batches) // 2]:
            self.assertEqual(node.post_ndjson(batch).status, 200)
        writer = Writer(node, batches[len(batches) // 2:])
        writer.start()
        kills, done = 0, 0
        while done < 3:
            node.request("POST", "/v1/admin/compact-log", "{}", {"Content-Type": "application/json"})
            if kills < 6:
                time.sleep(chance.random() * 1.5)
                node.kill()
                kills += 1
                node.start()
                continue
            lode.wait_for(lambda: all(task["state"] not in ("running", "interrupted") for task in self.tasks(node, "compact-log")), 60)
            done += 1
        writer.join(120)
        self.assertEqual((writer.failure, writer.sent), (None, len(writer.batches)))
        self.result(node, "compact", "log")
        states = {task["state"] for task in self.tasks(node, "compact-log")}
        self.assertLessEqual(states, {"done"})
        gaps = self.gaps(node)
        self.assertGreater(len(gaps), len(events) // 10)

        plain = self.started(*SLOW, name="plain")
        for batch in batches:
            self.assertEqual(plain.post_ndjson(batch).status, 200)
        self.assert_same(node, self.everything(plain))
        kept = {row["offset"]: row["event"] for row in node.log_records() if "gap" not in row}
        self.assertEqual(kept, {row["offset"]: row["event"] for row in plain.log_records() if row["offset"] not in gaps})
        self.assert_recompute_agrees(node)
        self.ctl(node, "replay")
        self.assert_same(node, self.everything(plain))
        sizes = [server.get("/v1/status").json["log"]["payload_bytes"] for server in (plain, node)]
        print(f"{len(events)} events, {len(gaps)} gaps, {kills} kills; payloads {sizes[0]} bytes, compacted {sizes[1]}", flush=True)
        self.assertLess(sizes[1], sizes[0] / 2)


class ThreeNodes(cluster.ClusterTest):
    def compact(self, node):
        done = self.run_program("lodectl", "--url", node.url, "--json", "compact", "log", check=True)
        return json.loads(done.stdout)["result"]

    def wait_compacted(self, nodes):
        """Until each has carried out what was decided."""
        def compacted():
            entries = [(node.status() or {"log": {"compacted": {"last_entry": 0}}})["log"]["compacted"]["last_entry"] for node in nodes]
            return min(entries) > 0 and len(set(entries)) == 1
        lode.wait_for(compacted, 60)

    def test_all_cut_alike(self):
        made = self.started_cluster()
        leader = made.wait_agreed()
        for start in range(0, 400, BATCH):
            self.assertEqual(leader.post_ndjson(upserts(start, BATCH)).status, 200)
        follower = made.followers()[0]
        refused = follower.request("POST", "/v1/admin/compact-log", "{}", {"Content-Type": "application/json"})
        self.assert_problem(refused, 409, "not_leader")
        done = self.compact(leader)
        self.assertEqual(done["dropped_records"], 790)
        self.wait_compacted(list(made))
        self.assertIn(b'"gap"', self.assert_same_log(list(made)))
        made.wait_same()

    def test_a_node_that_was_away_comes_back(self):
        made = self.started_cluster()
        leader = made.wait_agreed()
        away = made.followers()[0]
        leader.post_ndjson(upserts(0, BATCH))
        made.wait_same()
        away.kill()
        for start in range(BATCH, 300, BATCH):
            leader.post_ndjson(upserts(start, BATCH))
        self.compact(leader)
        self.wait_compacted([node for node in made if node is not away])
        leader.post([shop.purchase(n) for n in range(20)])
        away.start()
        made.wait_same()
        self.assert_same_rows(list(made))
        leader.post([shop.purchase(n) for n in range(20, 40)])
        made.wait_same()
        # Its own log begins where it came back; from there on it is the others'.
        first = away.get("/v1/log/0")
        start = int(re.search(r"first offset that is left is (\d+)", first.text).group(1)) if first.status == 410 else 0
        page = {"from": start, "limit": 10000}
        self.assertEqual(away.get("/v1/log", **page).json["rows"], leader.get("/v1/log", **page).json["rows"])


if __name__ == "__main__":
    unittest.main()
