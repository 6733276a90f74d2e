"""The log's beginning goes: by command, by size, by age. What was made of it stays."""
import json
import random
import threading
import time

import lode
import shop

KEEP = 4000  # the offset that is truncated before


def batches(count, size=100, attributes=0, seed=1):
    """Requests of `size` purchases, each with so many random bytes that can't be compressed away."""
    dice = random.Random(seed)
    for first in range(0, count, size):
        yield [shop.purchase(number, **({"attributes": {"x": dice.randbytes(attributes // 2).hex()}} if attributes else {}))
               for number in range(first, first + size)]


class Retention(lode.LodeTest):
    def post(self, node, count, **options):
        for events in batches(count, **options):
            answer = node.post_ndjson(events)
            self.assertEqual((answer.status, answer.json["accepted"]), (200, len(events)), answer)

    def truncate(self, node, **body):
        return node.request("POST", "/v1/admin/log/truncate", json.dumps(body), {"Content-Type": "application/json"})

    def log_status(self, node):
        return node.get("/v1/status").json["log"]

    def assert_begins_at(self, node, offset):
        self.assertEqual([row["offset"] for row in node.get("/v1/log", **{"from": offset, "limit": 1}).json["rows"]], [offset])
        gone = self.assert_problem(node.get("/v1/log", **{"from": offset - 1}), 410, "truncated", "/from")
        self.assertIn(f"The first offset that is left is {offset}", gone["detail"])

    def test_by_command(self):
        node = self.started()
        self.post(node, 5000)
        gold, entries = node.gold("daily_sales"), self.log_status(node)["last_entry"]
        dry = self.truncate(node, before=KEEP, dry_run=True).json
        self.assertEqual((dry["dry_run"], dry["held_by"], self.log_status(node)["first_entry"]), (True, "", 1))
        done = self.truncate(node, before=KEEP).json
        self.assertEqual(done, {**dry, "dry_run": False})
        self.assertEqual(done["first_offset"], KEEP)
        status = self.log_status(node)
        self.assertEqual(status["first_entry"], done["first_entry"])
        self.assertEqual(done["dropped_entries"], done["first_entry"] - 1)
        self.assertLess(done["first_entry"], entries)
        self.assertRegex(node.get("/metrics").text, rf"\nlode_log_first_entry {done['first_entry']}\n")
        for _ in range(2):  # before and after a kill
            self.assert_begins_at(node, KEEP)
            self.assertEqual(node.gold("daily_sales"), gold)
            self.assertEqual(node.post([shop.purchase(1), shop.purchase(4999)]).json["duplicates"], 2)
            node.kill()
            node.start()
        self.assertEqual(self.truncate(node, before=10).json["dropped_entries"], 0)
        everything = self.truncate(node, before=1 << 40).json
        self.assertEqual((everything["first_offset"], everything["held_by"]), (5000, ""))
        self.assertEqual(node.post(shop.purchase(7777)).json["first_offset"], 5000)
        self.assert_begins_at(node, 5000)

    def test_bodies(self):
        node = self.started()
        for body, code, pointer in (({}, "missing_field", "/before"), ({"before": -1}, "invalid_value", "/before"),
                                    ({"before": 1, "dry_run": 1}, "invalid_value", "/dry_run"),
                                    ({"before": 1, "after": 2}, "unknown_member", "/after"), ([], "invalid_type", "")):
            problem = self.assert_problem(node.request("POST", "/v1/admin/log/truncate", json.dumps(body),
                                                       {"Content-Type": "application/json"}), 400, code)
            self.assertEqual(problem.get("pointer", ""), pointer)
        self.assert_problem(node.request("POST", "/v1/admin/log/truncate", '{"before":1}', {"Content-Type": "text/plain"}),
                            415, "unsupported_media_type")

    def test_lodectl(self):
        node = self.started()
        self.post(node, 500)
        shown = self.run_program("lodectl", "--url", node.url, "log", "truncate", "--before", "300", "--dry-run", check=True)
        self.assertRegex(shown.stdout, r"^\d+ entries would go; the first offset that is left would be 300\n$")
        refused = self.run_program("lodectl", "--url", node.url, "log", "truncate", "--before", "300")
        self.assertEqual(refused.returncode, 2, refused)
        self.assertEqual(self.log_status(node)["first_entry"], 1)
        done = self.run_program("lodectl", "--url", node.url, "log", "truncate", "--before", "300", "--yes", check=True)
        self.assertRegex(done.stdout, r"^\d+ entries are gone; the first offset that is left is 300\n$")
        self.assert_begins_at(node, 300)
        record = self.run_program("lodectl", "--url", node.url, "log", "300", check=True).stdout
        self.assertIn('"event_id": "p300"', record)

    def test_by_size(self):
        node = self.started("--log-retention-bytes", str(4 << 20))
        self.post(node, 6000, attributes=3000)
        lode.wait_for(lambda: self.log_status(node)["payload_bytes"] < 6.2 * 2**20, 60)
        status = self.log_status(node)
        self.assertGreater(status["payload_bytes"], 4 << 20)
        self.assertGreater(status["first_entry"], 20)
        self.assertEqual(node.post_ndjson(next(batches(6000, attributes=3000))).json["duplicates"], 100)
        node.kill()
        node.start()
        self.assertGreaterEqual(self.log_status(node)["first_entry"], status["first_entry"])
        self.assertEqual(node.gold("daily_sales")[0]["transactions"], 6000)

    def test_by_age(self):
        node = self.started("--log-retention-seconds", "2")
        self.post(node, 1000)
        self.assertEqual(self.log_status(node)["first_entry"], 1)
        lode.wait_for(lambda: self.log_status(node)["first_entry"] > 8, 30)
        lode.wait_for(lambda: node.get("/v1/log", **{"from": 999}).status == 410, 30)
        self.assertEqual(node.gold("daily_sales")[0]["transactions"], 1000)

    def test_who_writes_waits_for_nobody(self):
        """One request at a time, with and without a log that is dropped meanwhile."""
        node = self.started()
        self.post(node, 20000, attributes=1000)

        def slowest(seconds, first):
            took, ends, number = [], time.monotonic() + seconds, first
            while time.monotonic() < ends:
                began = time.monotonic()
                self.assertEqual(node.post(shop.purchase(number), parameters={"ack": "committed"}).status, 200)
                took.append(time.monotonic() - began)
                number += 1
            return sorted(took)[int(len(took) * 0.99)], number

        before, number = slowest(3, 100000)
        dropping = threading.Thread(target=lambda: self.run_program(
            "lodectl", "--url", node.url, "log", "truncate", "--before", "19000", "--yes", check=True))
        dropping.start()
        during, _ = slowest(3, number)
        dropping.join()
        self.assert_begins_at(node, 19000)
        print(f"p99 of a write: {before * 1e3:.1f} ms, {during * 1e3:.1f} ms while the log's beginning goes", flush=True)
        self.assertLess(during, before + 0.25)
