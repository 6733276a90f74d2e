"""Lag of the materializers: in /metrics by offsets and seconds, in `meta` by milliseconds."""
import http.client
import json
import threading

import lode
import shop

REQUESTS, EVENTS = 24, 5000


class Lag(lode.LodeTest):
    def test_it_rises_while_apply_is_behind_and_is_gone_afterwards(self):
        node = self.started()
        self.assertEqual(lode.lag(node), {("offsets", "silver"): 0, ("offsets", "gold"): 0, ("seconds", "silver"): 0,
                                          ("seconds", "gold"): 0})
        bodies = ["".join(json.dumps(shop.purchase(first + index)) + "\n" for index in range(EVENTS))
                  for first in range(0, REQUESTS * EVENTS, EVENTS)]

        def post(some):
            connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
            for body in some:
                connection.request("POST", "/v1/events?ack=committed", body, {"Content-Type": lode.NDJSON})
                self.assertEqual(json.loads(connection.getresponse().read())["accepted"], EVENTS)
            connection.close()

        threads = [threading.Thread(target=post, args=[bodies[number::8]]) for number in range(8)]
        for thread in threads:
            thread.start()
        seen, lag_ms = {}, 0
        while any(thread.is_alive() for thread in threads):
            lag = lode.lag(node)
            seen = {name: max(value, seen.get(name, 0)) for name, value in lag.items()}
            lag_ms = max(lag_ms, node.get("/v1/gold/daily_sales", limit=1).json["meta"]["lag_ms"])
        self.assertTrue(all(value > 0 for value in seen.values()), seen)
        self.assertGreater(lag_ms, 0)
        node.get("/v1/gold/daily_sales", min_offset=REQUESTS * EVENTS - 1, wait_ms=20000)
        lode.wait_for(lambda: set(lode.lag(node).values()) == {0})
        meta = node.get("/v1/gold/daily_sales", limit=1).json["meta"]
        self.assertEqual((meta["as_of_offset"], meta["lag_ms"]), (REQUESTS * EVENTS - 1, 0))
