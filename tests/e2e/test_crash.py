"""kill -9 in a loop under load: every acknowledged event is there once, and gold equals a recompute."""
import http.client
import json
import random
import signal
import threading
import time

import lode
import shop
import twin

KILLS = {"quick": 5, "all": 20, "long": 200}[lode.LEVEL]
WRITERS = 3


class Writer(threading.Thread):
    """Posts batches over its own connection and sends each again until it is acknowledged."""

    def __init__(self, number, seed, node, stopping):
        super().__init__()
        self.number, self.random = number, random.Random(f"{seed}/{number}")
        self.node, self.stopping = node, stopping
        self.acknowledged = []  # the events
        self.problems = []
        self.serial = 0

    def event(self):
        self.serial += 1
        number = f"{self.number}-{self.serial}"
        roll = self.random.random()
        if roll < 0.1 and self.serial > 20:
            return shop.cancellation(f"c{number}", f"{self.number}-{self.random.randrange(1, self.serial)}")
        if roll < 0.25 and self.serial > 20:
            target = f"{self.number}-{self.random.randrange(1, self.serial)}"
            return shop.revision(target, self.serial, [shop.line(quantity=self.random.randint(1, 9))])
        lines = [shop.line(self.random.choice(["A", "B", "C"]), self.random.randint(1, 9), "1.10")]
        return shop.purchase(number, lines, customer={"id": f"c{self.random.randrange(9)}", "country": "GB"})

    def run(self):
        while not self.stopping.is_set():
            batch = [self.event() for _ in range(self.random.choice([1, 5, 100]))]
            while not self.send(batch):
                if self.stopping.is_set():
                    break
                time.sleep(0.01)

    def send(self, batch):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=20)
            connection.request("POST", "/v1/events", "".join(json.dumps(event) + "\n" for event in batch),
                               {"Content-Type": lode.NDJSON})
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()
        if answer.status in (429, 503):
            return False
        if answer.status != 200 or body["accepted"] + body["duplicates"] != len(batch):
            self.problems.append(f"{answer.status} {body}")
        self.acknowledged.extend(batch)
        return True


class Kills(lode.LodeTest):
    def test_kill_in_a_loop_under_load(self):
        seed = random.randrange(10**6)
        print(f"seed {seed}", flush=True)
        moments = random.Random(seed)
        node = self.started("--state-epoch-events", "1000")
        stopping = threading.Event()
        writers = [Writer(number, seed, node, stopping) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        slowest = 0
        try:
            for _ in range(KILLS):
                time.sleep(moments.uniform(0.02, 0.5))
                node.process.send_signal(signal.SIGKILL)
                node.kill()
                slowest = max(slowest, node.start())
        finally:
            stopping.set()
            for writer in writers:
                writer.join()
        print(f"slowest restart {slowest:.2f} s", flush=True)
        self.assertLess(slowest, 5)
        self.assertEqual([problem for writer in writers for problem in writer.problems], [])
        self.check(node, [event for writer in writers for event in writer.acknowledged])

    def check(self, node, acknowledged):
        records = node.log_records()
        self.assertEqual([record["offset"] for record in records], list(range(len(records))))
        ids = [(record["event"].get("source", ""), record["event"]["event_id"]) for record in records]
        self.assertEqual(len(ids), len(set(ids)), "an event is in the log twice")
        missing = {(event["source"], event["event_id"]) for event in acknowledged} - set(ids)
        self.assertEqual(missing, set(), f"{len(missing)} acknowledged events are lost")
        print(f"{len(acknowledged)} acknowledged, {len(records)} in the log", flush=True)
        shop_twin = twin.Twin()
        for record in records:
            shop_twin.append(record["event"])
        self.assert_no_differences(twin.all_differences(shop_twin, node))
