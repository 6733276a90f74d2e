"""A log whose beginning is gone, as retention leaves it: what still can be read, and what can't be made anew."""
import os
import shutil

import frames
import lode
import shop
from event_stream import EventStream

COUNT, LEFT = 10, 6  # events, one an entry; the first offset that is left


class TruncatedLog(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started()
        for number in range(COUNT):
            price = "-1" if number in (0, COUNT - 1) else "2.55"
            self.node.post(shop.purchase(number, [shop.line(unit_price=price)]))
        self.gold = self.node.gold("daily_sales")
        self.node.stop()
        entries = int(self.run_program("drop_log_prefix", self.node.data_dir, "0").stdout)
        self.run_program("drop_log_prefix", self.node.data_dir, str(entries - (COUNT - LEFT) + 1), check=True)

    def assert_gone(self, answer, pointer):
        problem = self.assert_problem(answer, 410, "truncated", pointer)
        self.assertIn(f"The first offset that is left is {LEFT}", problem["detail"])

    def test_reads(self):
        node = self.node
        node.start()
        for start in (0, 1, LEFT - 1):
            self.assert_gone(node.get("/v1/log", **{"from": start}), "/from")
            self.assert_gone(node.get(f"/v1/log/{start}"), None)
        self.assertEqual([row["offset"] for row in node.get("/v1/log", **{"from": LEFT}).json["rows"]],
                         list(range(LEFT, COUNT)))
        self.assertEqual(node.get(f"/v1/log/{LEFT}").json["rows"][0]["event"]["event_id"], f"p{LEFT}")
        self.assertEqual(node.gold("daily_sales"), self.gold)
        self.assertEqual(node.post(shop.purchase(1)).json["duplicates"], 1)  # ids outlive their records
        rows = node.rows("/v1/quarantine", include="event")
        self.assertEqual([(row["offset"], row["event"] is None) for row in rows], [(0, True), (COUNT - 1, False)])

    def test_streams(self):
        self.node.start()
        refused = self.node.request("GET", "/v1/log?from=2", headers={"Accept": "text/event-stream"})
        self.assert_gone(refused, "/from")
        last = self.node.request("GET", "/v1/log", headers={"Accept": "text/event-stream", "Last-Event-ID": "4"})
        self.assert_gone(last, "/from")
        stream = EventStream(self.node.port, f"/v1/log?from={LEFT}")
        self.addCleanup(stream.close)
        self.assertEqual([stream.next()["id"] for _ in range(LEFT, COUNT)], [str(n) for n in range(LEFT, COUNT)])
        self.node.post(shop.purchase(77))
        self.assertEqual(stream.next()["id"], str(COUNT))

    def test_fetch(self):
        self.node.start()
        client = frames.Client(self.node.tcp_port)
        self.addCleanup(client.close)
        client.send(frames.FETCH, {0: ("Q", 0), 1: ("I", 10)})
        _, kind, body = client.receive()
        self.assertEqual((kind, body.text(1), body.number(0, "H")), (frames.ERROR, "truncated", 410))
        self.assertIn(f"The first offset that is left is {LEFT}", body.text(3))
        self.assertEqual([offset for offset, _, _ in client.fetch(LEFT)[0]], list(range(LEFT, COUNT)))

    def test_lodectl(self):
        self.node.start()
        shown = self.run_program("lodectl", "--server", self.node.url, "quarantine", "show", "0", check=True).stdout
        self.assertIn("event: what was sent is not in the log any more\n", shown)
        shown = self.run_program("lodectl", "--server", self.node.url, "quarantine", "show", str(COUNT - 1), check=True).stdout
        self.assertIn('event: {"event_id":', shown)
        refused = self.run_program("lodectl", "--server", self.node.url, "tail", "log", "--from", "0")
        self.assertEqual(refused.returncode, 1, refused)
        self.assertIn(f"The first offset that is left is {LEFT}", refused.stderr)

    def test_retries(self):
        self.node.start()
        gone = self.assert_problem(self.node.retry(0), 410, "truncated", "/offset")
        self.assertIn("send the corrected event along", gone["detail"])
        self.assert_problem(self.node.retry(3), 409, "not_quarantined", "/offset")
        self.assert_problem(self.node.retry(1000), 404, "unknown_offset")
        corrected = self.node.retry(0, shop.purchase(0))
        self.assertEqual((corrected.status, corrected.json["accepted"]), (200, 1), corrected)
        self.assertEqual(self.node.retry(COUNT - 1).json["results"][0]["status"], "quarantined")  # this one is there
        self.assertEqual([row["offset"] for row in self.node.rows("/v1/quarantine")], [COUNT - 1])
        self.assertEqual(self.node.gold("daily_sales")[0]["transactions"], COUNT - 1)

    def assert_does_not_start(self, node, why):
        node.begin()
        self.assertEqual(node.process.wait(lode.READY_SECONDS), 1, node.log)
        self.assertIn(why + "silver and gold can't be made from this node's log: entries 1 to ", node.log)

    def test_a_start_without_its_state(self):
        state = os.path.join(self.node.data_dir, "state")
        kept = state + ".kept"
        os.rename(state, kept)
        self.assert_does_not_start(self.node, "")
        shutil.rmtree(state)
        os.rename(kept, state)
        self.node.start()
        self.assertEqual(self.node.gold("daily_sales"), self.gold)

    def test_a_changed_ruleset_leaves_the_state_alone(self):
        other = lode.Server(self.node.folder, "--gold-time-zone", "Asia/Tokyo")
        self.addCleanup(other.kill)
        self.assert_does_not_start(other, "the ruleset changed, but ")
        self.node.start()
        self.assertEqual(self.node.gold("daily_sales"), self.gold)

    def test_a_damaged_state_is_left_alone(self):
        state = os.path.join(self.node.data_dir, "state")
        with open(os.path.join(state, "damaged"), "w", encoding="utf-8") as mark:
            mark.write("found by a read\n")
        self.assert_does_not_start(self.node, "the state can't be used, but ")
        self.assertTrue(any(name.endswith(".sst") for name in os.listdir(state)))
