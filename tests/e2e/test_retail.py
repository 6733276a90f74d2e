"""Online Retail, a real shop's year: every cell of the views against the twin, however the events come in."""
import concurrent.futures
import gzip
import http.client
import json
import os
import random
import signal
import time
import unittest

import frames
import lode
import retail
import twin

VIEWS = ["daily_sales", "daily_product_sales", "customer_product_affinity"]
FLAGS = ["--silver-fee-skus", ",".join(retail.FEE_SKUS), "--gold-time-zone", "UTC"]
MAPPING = os.path.join(lode.ROOT, "config", "mappings", "online_retail.toml")
DAY = "2010-12-01"


def body_of(events):
    return "".join(json.dumps(event) + "\n" for event in events).encode()


@unittest.skipUnless(retail.path() and lode.LEVEL != "quick", "online_retail.csv.zst is not at hand, or --quick")
class OnlineRetail(lode.LodeTest):
    @classmethod
    def setUpClass(cls):
        cls.events = retail.events()
        shop = twin.Twin(retail.FEE_SKUS)
        for event in cls.events:
            shop.append(event)
        cls.expected = {view: shop.view(view) for view in VIEWS}

    def compare(self, server):
        problems = []
        for view in VIEWS:
            problems += twin.differences(view, self.expected[view], server.gold(view))
        self.assert_no_differences(problems)

    def batches(self, events, size):
        return [events[start:start + size] for start in range(0, len(events), size)]

    def test_in_order(self):
        server = self.started(*FLAGS)
        for batch in self.batches(self.events, 500):
            answer = server.post(body_of(batch), lode.NDJSON)
            self.assertEqual(answer.status, 200, answer)
        self.compare(server)
        self.known_figures(server)
        server.kill()
        self.assertLess(server.start(), 5)
        self.compare(server)

    def known_figures(self, server):
        total = server.gold("daily_sales", group_by="currency")
        self.assertEqual([(row["currency"], row["net_sales"]) for row in total], [("GBP", "9793394.69")])
        day = server.gold("daily_sales", day=DAY, country="GB")[0]
        figures = {"transactions": 120, "units_sold": 24010, "gross_sales": "53620.62", "units_returned": 142,
                   "returns": "175.43", "return_orders": 4, "free_units": 88, "fees": "1169.96", "customers": 90}
        self.assertEqual({name: day[name] for name in figures}, figures)
        rules = [row["rule"] for row in server.rows("/v1/quarantine")]
        self.assertEqual(rules, ["negative_price", "negative_price"])
        unknown = [row for row in server.get("/v1/quality").json["rows"] if row.get("rule") == "unknown_country"]
        self.assertEqual(sum(row["changed"] for row in unknown), 51, unknown)

    def test_shuffled_doubled_compressed_and_concurrent(self):
        server = self.started(*FLAGS)
        seed = random.randrange(10**6)
        print(f"seed {seed}", flush=True)
        shuffled = self.events * 2
        random.Random(seed).shuffle(shuffled)
        sizes = random.Random(seed)
        pieces, start = [], 0
        while start < len(shuffled):
            size = sizes.choice([1, 7, 113, 900, 2500])
            pieces.append((shuffled[start:start + size], sizes.choice(["gzip", "zstd", None])))
            start += size

        def send(piece):
            batch, encoding = piece
            body = body_of(batch)
            headers = {"Content-Type": lode.NDJSON}
            if encoding:
                headers["Content-Encoding"] = encoding
                body = gzip.compress(body, 1) if encoding == "gzip" else lode.zstd(body)
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            connection.request("POST", "/v1/events", body, headers)
            answer = connection.getresponse()
            result = json.loads(answer.read())
            connection.close()
            self.assertEqual(answer.status, 200, result)
            return result["accepted"], result["duplicates"]

        with concurrent.futures.ThreadPoolExecutor(4) as senders:
            answers = list(senders.map(send, pieces))
        self.assertEqual(sum(accepted for accepted, _ in answers), len(self.events))
        self.assertEqual(sum(duplicates for _, duplicates in answers), len(self.events))
        self.compare(server)

    def test_over_tcp_in_both_forms(self):
        server = self.started(*FLAGS)
        client = frames.Client(server.tcp_port)
        self.addCleanup(client.close)
        waiting = 0
        for number, batch in enumerate(self.batches(self.events, 777)):
            if number % 2:
                batch = [frames.flatbuffers_event(event, twin.micros, twin.money) for event in batch]
            client.send_append(batch)
            waiting += 1
            if waiting == 4:
                self.receive(client)
                waiting -= 1
        for _ in range(waiting):
            self.receive(client)
        self.compare(server)

    def receive(self, client):
        result = client.append_result(*client.receive()[1:])
        self.assertEqual((result.get("error"), result.get("rejected")), (None, 0), result)

    def test_import_by_mapping_killed_half_way_and_again(self):
        server = self.started(*FLAGS)
        arguments = ["--server", server.url, "import", retail.path(), "--mapping", MAPPING]
        importer = lode.subprocess.Popen([lode.program("lodectl"), *arguments], stdin=lode.subprocess.DEVNULL,
                                         stdout=lode.subprocess.DEVNULL, stderr=lode.subprocess.DEVNULL)
        self.addCleanup(importer.kill)
        while importer.poll() is None and len(server.get("/v1/log", **{"from": 4000, "limit": 1}).json.get("rows", [])) == 0:
            time.sleep(0.02)
        importer.send_signal(signal.SIGKILL)
        importer.wait()
        for _ in range(2):  # the second changes nothing
            self.run_program("lodectl", *arguments, check=True)
        self.compare(server)
        self.assertEqual(server.get("/v1/log", **{"from": len(self.events) - 1}).json["rows"][-1]["offset"],
                         len(self.events) - 1)

    def test_killed_at_random_moments(self):
        server = self.started(*FLAGS, "--state-epoch-events", "3000")
        seed = random.randrange(10**6)
        print(f"seed {seed}", flush=True)
        moments = random.Random(seed)
        waiting = self.batches(self.events, 300)
        kills = 0
        while waiting:
            stop_at = time.monotonic() + moments.uniform(0.05, 0.6)
            killer = None
            if kills < 8:
                killer = concurrent.futures.ThreadPoolExecutor(1)
                killer.submit(lambda: (time.sleep(max(0, stop_at - time.monotonic())),
                                       server.process.send_signal(signal.SIGKILL)))
            try:
                while waiting:
                    answer = server.post(body_of(waiting[0]), lode.NDJSON)
                    self.assertEqual(answer.status, 200, answer)
                    waiting.pop(0)
            except (OSError, http.client.HTTPException):
                pass  # not acknowledged: sent again
            if killer:
                killer.shutdown()
                kills += 1
                server.kill()
                self.assertLess(server.start(), 5)
        self.compare(server)
