"""kill -9 in a loop under load: every acknowledged event and retry is there once, with the verdict that was told, and gold and
quarantine equal a recompute."""
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
    """Posts batches, and retries of what is in quarantine, over its own connection; a batch again until it is acknowledged."""

    def __init__(self, number, seed, node, stopping):
        super().__init__()
        self.number, self.random = number, random.Random(f"{seed}/{number}")
        self.node, self.stopping = node, stopping
        self.acknowledged = []  # the events
        self.results = []       # what was said of them and of retries, but of duplicates
        self.retries = []       # (offset retried, offset of the retry)
        self.quarantined = []   # (offset, event)
        self.problems = []
        self.serial = 0

    def event(self):
        self.serial += 1
        number = f"{self.number}-{self.serial}"
        # Some name an order that comes later: they wait for it.
        target = f"{self.number}-{self.random.randrange(1, self.serial + 20)}"
        kinds = [(self.purchase, 45), (self.revision, 15), (self.refund, 20), (self.cancellation, 5), (self.customer, 7),
                 (self.product, 3), (self.broken, 5)]
        return self.random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0](number, target)

    def line(self):
        return shop.line(self.random.choice(["A", "B", "C"]), self.random.randint(1, 9), "1.10",
                         discount=f"0.{self.random.randrange(100000):06}")

    def purchase(self, number, _):
        lines = [self.line() for _ in range(self.random.randint(1, 3))]
        return shop.purchase(number, lines, customer={"id": f"c{self.random.randrange(9)}", "country": "GB"})

    def revision(self, _, target):
        return shop.revision(target, self.serial, [self.line()])

    def refund(self, number, target):
        lines = [{"sku": self.random.choice(["A", "B", "C"]), "quantity": self.random.randint(1, 3)}]
        return shop.refund(f"r{number}", target, lines)

    def cancellation(self, number, target):
        return shop.cancellation(f"c{number}", target)

    def customer(self, number, _):
        fields = {"id": f"c{self.random.randrange(9)}", "type": self.random.choice(["wholesale", "retail"]),
                  "country": self.random.choice(["FR", "DE"])}
        return {"event_id": f"u{number}", "type": "customer", "source": "crm", "customer": fields,
                "occurred_at": f"2011-01-{self.random.randint(10, 28)}T10:00:00Z"}

    def product(self, number, _):
        return {"event_id": f"s{number}", "type": "product", "source": "inventory", "occurred_at": f"{shop.DAY}T10:00:00Z",
                "product": {"sku": self.random.choice(["A", "B", "C"]), "description": f"Thing {number}"}}

    def broken(self, number, _):
        return shop.purchase(number, [shop.line(unit_price="-1")])

    def corrected(self, event):
        if event["type"] == "purchase":
            return {**event, "revision": event.get("revision", 0) + 1, "lines": [self.line()]}
        if event["type"] == "refund":
            return {**event, "lines": [{**event["lines"][0], "quantity": 1}]}
        if event["type"] == "cancellation":
            return {**event, "order_id": f"o{self.number}-{self.random.randrange(1, self.serial + 1)}"}
        return event

    def run(self):
        try:
            self.write()
        except Exception as error:  # nobody else sees what ends a thread
            self.problems.append(repr(error))

    def write(self):
        while not self.stopping.is_set():
            batch = [self.event() for _ in range(self.random.choice([1, 5, 100]))]
            while not self.send(batch):
                if self.stopping.is_set():
                    break
                time.sleep(0.01)
            for _ in range(min(len(self.quarantined), self.random.choice([0, 3]))):
                self.retry(*self.random.choice(self.quarantined))

    def ask(self, path, body, content_type):
        """Status and body of the answer, or nothing when it did not come or the server was replaying its log."""
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=60)
        try:
            connection.request("POST", path, body, {"Content-Type": content_type})
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except TimeoutError:
            raise  # the server is dead or answers
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        body = json.loads(text)
        return None if (status, body.get("code")) == (503, "not_ready") else (status, body)

    def send(self, batch):
        answer = self.ask("/v1/events?results=all", "".join(json.dumps(event) + "\n" for event in batch), lode.NDJSON)
        if not answer:
            return False
        status, body = answer
        if status != 200 or body["accepted"] + body["duplicates"] != len(batch) or len(body["results"]) != len(batch):
            self.problems.append(f"{status} {body}")
            return True
        self.acknowledged.extend(batch)
        self.results.extend(result for result in body["results"] if result["status"] != "duplicate")
        self.quarantined.extend((result["offset"], event) for event, result in zip(batch, body["results"])
                                if result["status"] == "quarantined")
        return True

    def retry(self, offset, event):
        """Once: whether it happened when no answer came is for the log to say."""
        body = json.dumps(self.corrected(event)) if self.random.random() < 0.6 else ""
        answer = self.ask(f"/v1/quarantine/{offset}/retry", body, "application/json")
        if not answer:
            return
        status, body = answer
        if status == 200:
            result, = body["results"]
            self.results.append(result)
            self.retries.append((offset, result["offset"]))
            if result["status"] == "accepted":
                self.quarantined.remove((offset, event))
        elif (status, body.get("code")) == (409, "not_quarantined"):
            self.quarantined.remove((offset, event))
        else:
            self.problems.append(f"retry of {offset}: {status} {body}")


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
        self.check(node, writers)

    def check(self, node, writers):
        acknowledged = [event for writer in writers for event in writer.acknowledged]
        records = node.log_records()
        self.assertEqual([record["offset"] for record in records], list(range(len(records))))
        sent = [record for record in records if record["retry_of"] is None]
        ids = [(record["event"].get("source", ""), record["event"]["event_id"]) for record in sent]
        self.assertEqual(len(ids), len(set(ids)), "an event is in the log twice")
        missing = {(event["source"], event["event_id"]) for event in acknowledged} - set(ids)
        self.assertEqual(missing, set(), f"{len(missing)} acknowledged events are lost")
        for retried, offset in (retry for writer in writers for retry in writer.retries):
            self.assertLess(offset, len(records), "an acknowledged retry is lost")
            self.assertEqual(records[offset]["retry_of"], retried)
        shop_twin = twin.Twin()
        for record in records:
            if record["retry_of"] is None:
                shop_twin.append(record["event"])
            else:
                shop_twin.retry(record["event"], record["retry_of"])
        self.compare(node, shop_twin, [result for writer in writers for result in writer.results])
        print(f"{len(acknowledged)} acknowledged, {len(records)} in the log, {len(records) - len(sent)} retries", flush=True)

    def compare(self, node, shop_twin, results):
        problems = twin.all_differences(shop_twin, node) + twin.quarantine_differences(shop_twin, node)
        for result in results:
            rule = shop_twin.told[result["offset"]]
            expected = ("quarantined", rule) if rule else ("accepted", None)
            if (result["status"], result.get("code")) != expected:
                problems.append(f"acknowledged as {result}, should be {expected}")
        self.assert_no_differences(problems)
