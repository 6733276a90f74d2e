"""The quarantine as a whole: groups, one record with its history, dry runs, and retries of many that outlive kills."""
import json
import os
import random
import time

import cluster
import lode
import shop
import twin

FLAGS = ["--state-epoch-events", "1000"]
SECONDS = 60


def wrong_currency(number, **more):
    return shop.purchase(number, currency="QQQ", **more)


def ended(node, task, seconds=SECONDS):
    """The task once it has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = node.get(f"/v1/admin/tasks/{task}").json
        if found["state"] not in ("running", "interrupted"):
            return found
        time.sleep(0.02)
    raise AssertionError(f"task {task} did not end: {found}")


def start(node, **parameters):
    answer = node.request("POST", "/v1/admin/quarantine-retry", json.dumps(parameters), {"Content-Type": "application/json"})
    if answer.status != 202:
        raise AssertionError(repr(answer))
    return answer.json["id"]


def run(node, **parameters):
    task = ended(node, start(node, **parameters))
    if task["state"] != "done":
        raise AssertionError(repr(task))
    return task["result"]


def twin_of_the_log(node):
    """What a node's log makes of it, retries included."""
    shop_twin = twin.Twin()
    for record in node.log_records():
        if record["retry_of"] is None:
            shop_twin.append(record["event"])
        else:
            shop_twin.retry(record["event"], record["retry_of"])
    return shop_twin


class Looking(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started(*FLAGS)

    def test_groups(self):
        self.node.post([wrong_currency(1), wrong_currency(2, source="erp", occurred_at="2011-01-09T08:00:00Z"),
                        shop.purchase(3, [shop.line(quantity=0)]), wrong_currency(4)])
        self.node.post([shop.refund("r", 99, [shop.line()])])
        self.node.retry(0)
        groups = self.node.get("/v1/quarantine", group_by="rule,source").json["rows"]
        self.assertEqual([(one["rule"], one["source"], one["count"], one["retried"]) for one in groups],
                         [("unknown_currency", "web", 2, 1), ("unknown_currency", "erp", 1, 0), ("unknown_order", "web", 1, 0),
                          ("zero_quantity", "web", 1, 0)])
        first = groups[0]
        self.assertEqual((first["first_offset"], first["last_offset"], first["first_occurred_at"]), (0, 3, "2011-01-05T08:26:00Z"))
        days = self.node.get("/v1/quarantine", group_by="day", rule="unknown_currency").json["rows"]
        self.assertEqual([(one["day"], one["count"]) for one in days], [("2011-01-05", 2), ("2011-01-09", 1)])
        self.assert_problem(self.node.get("/v1/quarantine", group_by="colour"), 400, "invalid_parameter", "/group_by")
        self.assert_problem(self.node.get("/v1/quarantine", group_by="rule", cursor="x"), 400, "invalid_parameter", "/cursor")
        listed = self.run_program("lodectl", "--url", self.node.url, "quarantine", "list", "--group-by", "rule", "--source", "erp")
        self.assertIn("unknown_currency      1", listed.stdout)

    def test_by_time_of_receipt(self):
        self.node.post([wrong_currency(1), wrong_currency(2)])
        time.sleep(0.05)  # times of receipt differ
        self.node.post([wrong_currency(3), shop.purchase(4), wrong_currency(5)])
        received = {record["offset"]: record["received_at"] for record in self.node.log_records()}
        later = self.node.rows("/v1/quarantine", received_at=f"{received[2]}..")
        self.assertEqual([row["offset"] for row in later], [2, 4])
        earlier = self.node.rows("/v1/quarantine", received_at=f"..{received[1]}")
        self.assertEqual([row["offset"] for row in earlier], [0, 1])
        page = self.node.get("/v1/quarantine", received_at=f"..{received[2]}", limit=1).json
        rest = self.node.get("/v1/quarantine", received_at=f"..{received[2]}", limit=9, cursor=page["next_cursor"]).json["rows"]
        self.assertEqual([row["offset"] for row in rest], [1, 2, 4])
        self.assertEqual(self.node.rows("/v1/quarantine", received_at="1999-01-01"), [])
        self.assert_problem(self.node.get("/v1/quarantine", received_at="soon"), 400, "invalid_parameter", "/received_at")

    def test_one_record_and_its_history(self):
        self.node.post([shop.purchase(1, [shop.line(), shop.line("B", quantity=0)])])
        shown = self.node.get("/v1/quarantine/0").json
        row, = shown["rows"]
        self.assertEqual((row["status"], row["rule"], row["pointer"], row["event"]["event_id"], shown["history"]),
                         ("quarantined", "zero_quantity", "/lines/1/quantity", "p1", []))
        self.assertTrue(row["meaning"] and row["to_do"] and row["received_at"])
        self.node.retry(0)
        self.node.retry(0, shop.purchase(1, [shop.line(unit_price="-1")]))
        self.node.retry(0, shop.purchase(1, [shop.line()]))
        self.assert_problem(self.node.retry(0), 409, "not_quarantined")
        for _ in range(2):
            shown = self.node.get("/v1/quarantine/0").json
            self.assertEqual(shown["rows"][0]["status"], "closed")
            self.assertEqual([(one["offset"], one["outcome"], one["rule"], one["source"]) for one in shown["history"]],
                             [(1, "quarantined", "zero_quantity", "web"), (2, "quarantined", "negative_price", "web"),
                              (3, "closed", None, "web")])
            self.assertTrue(all(one["received_at"] for one in shown["history"]))
            self.node.kill()
            self.node.start()
        told = self.run_program("lodectl", "--url", self.node.url, "quarantine", "show", "0").stdout
        for words in ("status: closed", "retries:", "negative_price"):
            self.assertIn(words, told)
        self.node.post([shop.purchase(2)])
        for offset in (4, 77):
            self.assert_problem(self.node.get(f"/v1/quarantine/{offset}"), 404, "not_quarantined", "/offset")
        self.assert_problem(self.node.get("/v1/quarantine/first"), 400, "invalid_parameter", "/offset")

    def test_a_retry_keeps_its_id(self):
        self.node.post([wrong_currency(1)])
        self.assert_problem(self.node.retry(0, shop.purchase(2)), 409, "other_event", "/event_id")
        self.assert_problem(self.node.retry(0, shop.purchase(1, source="erp")), 409, "other_event", "/event_id")
        refused = self.node.request("POST", "/v1/admin/quarantine-retry", '{"set":{"/event_id":"x"}}', {"Content-Type": "application/json"})
        self.assert_problem(refused, 400, "invalid_value", "/set")
        self.assertEqual(self.node.retry(0, shop.purchase(1)).json["results"][0]["status"], "accepted")


class DryRuns(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started(*FLAGS)

    def dry(self, offset, corrected=None):
        body = json.dumps(corrected) if corrected else ""
        answer = self.node.request("POST", f"/v1/quarantine/{offset}/retry?dry_run=true", body, {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200, answer)
        return answer.json["status"], answer.json.get("code")

    def test_one(self):
        self.node.post([shop.purchase(1), shop.refund("r", 1, [{"sku": "85123A", "quantity": 9}]), wrong_currency(2)])
        last = len(self.node.log_records())
        self.assertEqual(self.dry(1), ("quarantined", "refund_exceeds_order"))
        self.assertEqual(self.dry(1, shop.refund("r", 1, [{"sku": "85123A", "quantity": 6}])), ("accepted", None))
        self.assertEqual(self.dry(2), ("quarantined", "unknown_currency"))
        self.assertEqual(self.dry(2, shop.purchase(2)), ("accepted", None))
        self.assertEqual(self.dry(2, shop.purchase(2, [{"sku": "A", "quantity": "six", "unit_price": 1}])), ("rejected", "invalid_type"))
        self.assertEqual(len(self.node.log_records()), last)
        told = self.run_program("lodectl", "--url", self.node.url, "quarantine", "retry", "2", "--dry-run")
        self.assertEqual((told.returncode, json.loads(told.stdout)["code"]), (1, "unknown_currency"))
        self.assert_problem(self.node.request("POST", "/v1/quarantine/2/retry?dry_run=maybe"), 400, "invalid_parameter", "/dry_run")

    def test_many_say_what_a_retry_then_does(self):
        """Refunds of one order that fit alone and not together; revisions; orders that wait; edits that lead nowhere."""
        seed = int(os.environ.get("LODE_E2E_SEED", random.randrange(10**6)))
        print(f"seed {seed} (LODE_E2E_SEED={seed} repeats it)", flush=True)
        dice = random.Random(seed)
        for number in range(40):
            self.node.post([shop.purchase(number, [shop.line(quantity=3)])] if dice.random() < 0.8 else [shop.purchase(number + 1000)])
        for number in range(70):
            order = dice.randrange(40)
            lines = [{"sku": "85123A", "quantity": dice.randrange(1, 6), "unit_price": dice.choice(["-1", "2"])}]
            self.node.post([shop.refund(f"r{number}", order, lines) if dice.random() < 0.7 else
                            shop.revision(order, number + 1, [shop.line(quantity=0 if dice.random() < 0.5 else 4)]) if dice.random() < 0.5 else
                            shop.cancellation(f"c{number}", order) if dice.random() < 0.3 else wrong_currency(2000 + number)])
        edits = {"/lines/0/unit_price": "1.50", "/lines/0/quantity": 1}
        before = self.node.log_records()
        foreseen = run(self.node, set=edits, dry_run=True)
        self.assertEqual(self.node.log_records(), before)
        quarantined = self.node.rows("/v1/quarantine")
        self.assertEqual(foreseen["total"], len(quarantined))
        self.assertLessEqual(len(quarantined), 64, "of one submission, so that nothing is closed by itself in between")
        done = run(self.node, set=edits)
        for name in ("total", "passed", "quarantined", "rejected", "missing", "rules", "failures"):
            self.assertEqual(foreseen[name], done[name], name)
        self.assertGreater(done["passed"], 0)
        self.assertEqual((foreseen["closed_meanwhile"], done["closed_meanwhile"]), (0, 0))
        self.assertGreater(done["quarantined"] + done["rejected"], 0)
        self.assert_no_differences(twin.all_differences(twin_of_the_log(self.node), self.node) +
                                   twin.quarantine_differences(twin_of_the_log(self.node), self.node))


class Many(lode.LodeTest):
    COUNT = 1500

    def fill(self, node):
        for start_at in range(0, self.COUNT, 500):
            events = [wrong_currency(number) if number % 5 else shop.purchase(number, [shop.line(quantity=0)], currency="QQQ")
                      for number in range(start_at, start_at + 500)]
            self.assertEqual(node.post_ndjson(events).json["accepted"], 500)

    def check(self, node, result):
        """Each record passed once, or is in quarantine still; nothing was sent in vain more often than there were kills."""
        wrong = self.COUNT // 5
        self.assertEqual((result["total"], result["passed"], result["quarantined"], result["rules"]),
                         (self.COUNT, self.COUNT - wrong, wrong, {"zero_quantity": wrong}))
        shop_twin = twin_of_the_log(node)
        self.assert_no_differences(twin.all_differences(shop_twin, node) + twin.quarantine_differences(shop_twin, node))
        outcomes = {}
        for record in node.log_records():
            if record["retry_of"] is not None:
                outcomes.setdefault(record["retry_of"], []).append(record["offset"])
        self.assertEqual(len(outcomes), self.COUNT)
        return outcomes

    def test_killed_at_random_moments_while_a_writer_goes_on(self):
        seed = int(os.environ.get("LODE_E2E_SEED", random.randrange(10**6)))
        print(f"seed {seed} (LODE_E2E_SEED={seed} repeats it)", flush=True)
        dice = random.Random(seed)
        node = self.started(*FLAGS)
        self.fill(node)
        task = start(node, rule="unknown_currency,zero_quantity", set={"/currency": "GBP"}, rate=500)
        for kill in range(4):
            until = time.monotonic() + dice.uniform(0.05, 0.9)
            number = 10_000 * (kill + 1)
            while time.monotonic() < until:  # the writer
                node.post([shop.purchase(number)])
                number += 1
            node.kill()
            node.start()
        found = ended(node, task)
        self.assertEqual(found["state"], "done", found)
        self.assertGreater(found["runs"], 1)
        outcomes = self.check(node, found["result"])
        print(f"{found['runs']} runs, {sum(len(retries) > 1 for retries in outcomes.values())} records sent twice", flush=True)
        for retries in outcomes.values():
            self.assertLessEqual(len(retries), 5)

    def test_cancelled_and_begun_again(self):
        node = self.started(*FLAGS)
        self.fill(node)
        task = start(node, set={"/currency": "GBP"}, rate=400)
        while node.get(f"/v1/admin/tasks/{task}").json["progress"]["done"] == 0:
            time.sleep(0.01)
        second = node.request("POST", "/v1/admin/quarantine-retry", "{}", {"Content-Type": "application/json"})
        self.assert_problem(second, 409, "task_running")
        self.assertEqual(node.request("POST", f"/v1/admin/tasks/{task}/cancel", "{}", {"Content-Type": "application/json"}).status, 200)
        self.assertEqual(ended(node, task)["state"], "cancelled")
        left = self.node_left(node)
        self.assertTrue(self.COUNT // 5 < left <= self.COUNT, left)
        done = run(node, rule="unknown_currency", set={"/currency": "GBP"})
        self.assertEqual((done["quarantined"] + done["passed"], done["missing"]), (done["total"], 0))
        self.assertEqual(self.node_left(node), self.COUNT // 5)

    @staticmethod
    def node_left(node):
        return sum(one["count"] for one in node.get("/v1/quarantine", group_by="rule").json["rows"])

    def test_lodectl(self):
        node = self.started(*FLAGS)
        node.post([wrong_currency(1), wrong_currency(2), shop.purchase(3, [shop.line(quantity=0)])])

        def retry(*arguments):
            return self.run_program("lodectl", "--url", node.url, "quarantine", "retry", *arguments)

        self.assertEqual(retry().returncode, 2)
        dry = retry("--all", "--set", "/currency=GBP", "--dry-run")
        self.assertEqual(dry.returncode, 1, dry)
        self.assertIn("3 records: 2 would pass, 1 would be refused again", dry.stdout)
        self.assertIn("zero_quantity: 1", dry.stdout)
        done = retry("--rule", "unknown_currency", "--set", "/currency=GBP", "--rate", "1000")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("2 records: 2 passed", done.stdout)
        done = retry("2", "--set", "/lines/0/quantity=5", "--set", "/attributes={\"by\":\"hand\"}")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(node.log_records()[-1]["event"]["attributes"], {"by": "hand"})
        self.assertEqual(node.gold("daily_sales")[0]["units_sold"], 17)
        nowhere = retry("--all", "--set", "/lines/7/quantity=5")
        self.assertIn("0 records", nowhere.stdout)


class FromAnyNode(cluster.ClusterTest):
    def test_a_follower_retries_many(self):
        three = self.started_cluster()
        follower = three.followers()[0]
        events = [wrong_currency(number) for number in range(300)]
        self.assertEqual(follower.post_ndjson(events).json["accepted"], 300)
        result = run(follower, rule="unknown_currency", set={"/currency": "GBP"})
        self.assertEqual((result["total"], result["passed"]), (300, 300))
        last = len(follower.log_records()) - 1
        for node in three:
            self.assertEqual(node.get("/v1/quarantine", min_offset=last, wait_ms=20000).json["rows"], [])
            self.assertEqual(node.gold("daily_sales")[0]["transactions"], 300)
            self.assertEqual(node.get("/v1/quarantine/0").json["history"][0]["outcome"], "closed")


if __name__ == "__main__":
    import unittest
    unittest.main()
