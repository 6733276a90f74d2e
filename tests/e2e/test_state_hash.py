"""The state hash: two servers that took the same events by other ways have the same one, at the same offset."""
import json
import random

import frames
import lode
import streams
import twin

FLAGS = ["--silver-fee-skus", ",".join(streams.FEE_SKUS)]


class StateHash(lode.LodeTest):
    def hash(self, server):
        status = server.get("/v1/status").json
        found = status["state_hash"]
        self.assertEqual((found["offset"], found["entry"]), (status["applied"]["offset"], status["applied"]["entry"]))
        self.assertRegex(found["hash"], "^[0-9a-f]{32}$")
        return {"offset": found["offset"], "all": found["hash"], **found["tables"], **found["views"]}

    def send(self, client, events, everything_as_flatbuffers):
        """Over TCP; purchases in FlatBuffers, where that form holds all that the event says."""
        items = [frames.flatbuffers_event(event, twin.micros, twin.money)
                 if everything_as_flatbuffers and event["type"] == "purchase" and "attributes" not in event else event
                 for event in events]
        result = client.append(items)
        self.assertNotIn("error", result)

    def test_other_batches_protocols_epochs_and_kills(self):
        seed = random.randrange(10**6)
        print(f"seed {seed}", flush=True)
        events = streams.Stream(seed).events(1500)
        one = self.started(*FLAGS, "--state-epoch-events", "1000", name="one")
        two = self.started(*FLAGS, "--state-epoch-events", "1700", name="two")
        for number, part in enumerate([events[:500], events[500:1000], events[1000:]]):
            for batch in streams.batches(part, seed + number):
                one.post_ndjson(batch)
            client = frames.Client(two.tcp_port)
            for batch in streams.batches(part, seed - number - 1, largest=17):
                self.send(client, batch, number != 1)
            client.close()
            self.assertEqual(self.hash(one), self.hash(two))
            if number == 0:
                before = self.hash(one)
                one.kill()
                one.start()
                self.assertEqual(self.hash(one), before, "after a kill")
            if number == 1:
                before = self.hash(two)
                two.stop()
                two.start()
                self.assertEqual(self.hash(two), before, "after a stop")
        one.kill()
        one.start()
        self.assertEqual(self.hash(one), self.hash(two))

    def test_a_rebuild_gives_the_same_and_another_record_does_not(self):
        events = streams.Stream(7).events(300)
        one = self.started(*FLAGS, name="one")
        one.post_ndjson(events)
        before = self.hash(one)
        one.stop()
        lode.shutil.rmtree(lode.os.path.join(one.data_dir, "state"))
        one.start()
        self.assertEqual(self.hash(one), before)
        one.post_ndjson([{**events[0], "event_id": "another", "order_id": "another"}])
        after = self.hash(one)
        self.assertEqual(after["offset"], before["offset"] + 1)
        for part in ("all", "orders", "order_lines", "quality"):
            self.assertNotEqual(after[part], before[part])

    def test_lodectl_shows_it(self):
        one = self.started(*FLAGS)
        one.post_ndjson(streams.Stream(7).events(30))
        shown = self.run_program("lodectl", "--server", one.url, "status", check=True).stdout
        self.assertIn(f"state_hash.hash: {self.hash(one)['all']}", shown)
        self.assertIn("state_hash.tables.orders: ", shown)
        self.assertIn("state_hash.views.daily_sales: ", shown)
        shown = json.loads(self.run_program("lodectl", "--server", one.url, "--json", "status", check=True).stdout)
        self.assertEqual(shown["state_hash"]["hash"], self.hash(one)["all"])
