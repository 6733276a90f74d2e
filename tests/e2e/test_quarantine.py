"""POST /v1/quarantine/{offset}/retry: compressed bodies, and several retries of one record at once."""
import gzip
import http.client
import json
import threading

import lode
import shop

AT_ONCE = 4


class Retries(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started()

    def quarantine(self, count):
        """Events at the offsets from 0 that break a rule."""
        answer = self.node.post([shop.purchase(number, [shop.line(unit_price="-1")]) for number in range(count)])
        self.assertEqual([result["code"] for result in answer.json["results"]], ["negative_price"] * count, answer)

    @staticmethod
    def corrected(number):
        return json.dumps(shop.purchase(number, [shop.line(unit_price="1")])).encode()

    def retry(self, offset, body, encoding):
        headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
        return self.node.request("POST", f"/v1/quarantine/{offset}/retry", body, headers)

    def test_a_compressed_correction(self):
        self.quarantine(2)
        for offset, (encoding, compress) in enumerate({"gzip": gzip.compress, "zstd": lode.zstd}.items()):
            with self.subTest(encoding=encoding):
                self.assert_problem(self.retry(offset, self.corrected(offset), encoding), 400, "invalid_encoding")
                answer = self.retry(offset, compress(self.corrected(offset)), encoding)
                self.assertEqual(answer.status, 200, answer)
                result, = answer.json["results"]
                self.assertEqual((result["status"], result["offset"]), ("accepted", 2 + offset))
                self.assertEqual([row["offset"] for row in self.node.rows("/v1/quarantine")], list(range(offset + 1, 2)))
                self.assertEqual(self.node.gold("daily_sales")[0]["gross_sales"], f"{6 * (offset + 1)}.00")

    def test_retries_outlive_a_kill(self):
        """Three orders: retried in vain, corrected, and corrected to something that breaks another rule."""
        self.quarantine(3)
        wrong = shop.purchase(2, [shop.line(quantity=0)])
        verdicts = [self.node.retry(0), self.node.retry(1, json.loads(self.corrected(1))), self.node.retry(2, wrong)]
        results = [answer.json["results"][0] for answer in verdicts]
        self.assertEqual([(result["offset"], result["status"], result.get("code")) for result in results],
                         [(3, "quarantined", "negative_price"), (4, "accepted", None), (5, "quarantined", "zero_quantity")])
        left = [(0, "negative_price", [3], "negative_price"), (2, "negative_price", [5], "zero_quantity")]
        for _ in range(2):
            self.node.kill()
            self.node.start()
            rows = self.node.rows("/v1/quarantine")
            self.assertEqual([(row["offset"], row["rule"], row["retries"], row["retry_rule"]) for row in rows], left)
            row, = self.node.gold("daily_sales")
            self.assertEqual((row["transactions"], row["gross_sales"]), (1, "6.00"))
            log = self.node.get("/v1/log").json["rows"]
            self.assertEqual([record["retry_of"] for record in log], [None, None, None, 0, 1, 2])
        self.assert_problem(self.node.retry(1), 409, "not_quarantined")
        answer = self.node.retry(2, json.loads(self.corrected(2)))
        self.assertEqual(answer.json["results"][0]["status"], "accepted", answer)
        self.node.kill()
        self.node.start()
        self.assertEqual([row["offset"] for row in self.node.rows("/v1/quarantine")], [0])
        self.assertEqual(self.node.gold("daily_sales")[0]["gross_sales"], "12.00")

    def test_of_several_at_once_one_wins(self):
        count = 20
        self.quarantine(count)
        together = threading.Barrier(AT_ONCE)
        answers = [[] for _ in range(count)]

        def retry_all():
            connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=20)
            for offset in range(count):
                together.wait()
                connection.request("POST", f"/v1/quarantine/{offset}/retry", self.corrected(offset),
                                   {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answers[offset].append((answer.status, json.loads(answer.read()).get("code")))
            connection.close()

        threads = [threading.Thread(target=retry_all) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for offset, of_offset in enumerate(answers):
            self.assertEqual(len(of_offset), AT_ONCE)
            losers = [answer for answer in of_offset if answer != (200, None)]
            self.assertEqual(len(losers), AT_ONCE - 1, f"offset {offset}: {of_offset}")
            self.assertLessEqual(set(losers), {(409, "being_retried"), (409, "not_quarantined")})
        self.assertEqual(self.node.rows("/v1/quarantine"), [])
        self.assertEqual(len(self.node.get("/v1/log").json["rows"]), 2 * count)
        row, = self.node.gold("daily_sales")
        self.assertEqual((row["transactions"], row["gross_sales"]), (count, f"{6 * count}.00"))

    def test_a_retry_after_the_answer_to_the_one_before(self):
        count = 60
        self.quarantine(count)
        connections = [http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=20) for _ in range(2)]
        for offset in range(count):
            found = []
            for connection in connections:
                connection.request("POST", f"/v1/quarantine/{offset}/retry", self.corrected(offset),
                                   {"Content-Type": "application/json"})
                answer = connection.getresponse()
                found.append((answer.status, json.loads(answer.read()).get("code")))
            self.assertEqual(found, [(200, None), (409, "not_quarantined")], f"offset {offset}")
        for connection in connections:
            connection.close()


class WhatWasSent(lode.LodeTest):
    """GET /v1/quarantine?include=event,contact."""

    def setUp(self):
        super().setUp()
        self.node = self.started()

    def quarantined(self, number, **more):
        return shop.purchase(number, [shop.line(unit_price="-1")],
                             customer={"id": "c", "country": "GB", "email": f"{number}@example.com"}, **more)

    def test_the_event_and_its_contact_data_when_asked_for(self):
        sent = [self.quarantined(0), shop.purchase(1), self.quarantined(2), shop.refund("r", 99, [shop.line()])]
        self.node.post(sent[:2])
        self.node.post(sent[2:])
        rows = self.node.rows("/v1/quarantine", include="event")
        self.assertEqual([row["offset"] for row in rows], [0, 2, 3])
        self.assertNotIn("contact", rows[0])
        for row in rows:
            self.assertEqual(row["event"], self.node.get(f"/v1/log/{row['offset']}").json["rows"][0]["event"])
        self.assertNotIn("example.com", str(rows))
        rows = self.node.rows("/v1/quarantine", include="contact")
        self.assertNotIn("event", rows[0])
        self.assertEqual([row["contact"] for row in rows],
                         [{"customer": {"email": "0@example.com"}}, {"customer": {"email": "2@example.com"}}, None])
        rows = self.node.rows("/v1/quarantine", include="event,contact", rule="negative_price")
        self.assertEqual([(row["event"]["event_id"], "contact" in row) for row in rows], [("p0", True), ("p2", True)])
        plain = self.node.rows("/v1/quarantine", offset=2)[0]
        self.assertEqual({**plain, "event": rows[1]["event"]}, self.node.rows("/v1/quarantine", offset=2, include="event")[0])
        table = self.node.request("GET", "/v1/quarantine?include=event", headers={"Accept": "text/csv"})
        self.assertIn("retry_rule,event", table.text.splitlines()[0])

    def test_other_words_are_refused(self):
        for words in ("", "events", "event,", "event,name", ".."):
            with self.subTest(words=words):
                self.assert_problem(self.node.get("/v1/quarantine", include=words), 400, "invalid_parameter", "/include")

    def test_pages_of_large_events_end_early_and_go_on(self):
        for number in range(12):
            self.node.post(self.quarantined(number, attributes={"pad": "x" * 900_000}))
        page = self.node.get("/v1/quarantine", include="event").json
        self.assertLess(len(page["rows"]), 7)
        self.assertTrue(page["next_cursor"])
        rows = self.node.rows("/v1/quarantine", include="event")
        self.assertEqual([row["event"]["event_id"] for row in rows], [f"p{number}" for number in range(12)])
