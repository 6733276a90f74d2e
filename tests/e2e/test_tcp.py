"""The TCP protocol, spoken by a client that was written from the schema alone."""
import json
import struct

import frames
import lode
import shop
import twin


class Tcp(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started()

    def client(self):
        client = frames.Client(self.node.tcp_port)
        self.addCleanup(client.close)
        return client

    def in_flatbuffers(self, event):
        return frames.flatbuffers_event(event, twin.micros, twin.money)

    def test_json_and_flatbuffers_items(self):
        client = self.client()
        result = client.append([shop.purchase(0), self.in_flatbuffers(shop.purchase(1))])
        self.assertEqual(result, {"accepted": 2, "duplicates": 0, "rejected": 0, "first_offset": 0, "last_offset": 1,
                                  "results": []})
        row, = self.node.gold("daily_sales")
        self.assertEqual((row["transactions"], row["gross_sales"], row["country"]), (2, "30.60", "GB"))

    def test_both_forms_have_the_same_content(self):
        client = self.client()
        event = shop.purchase(0, [shop.line(discount="0.50", description="MUG"), shop.line("71053", -1, "3")], channel="app")
        self.node.post(event)
        result = client.append([self.in_flatbuffers(event)])
        self.assertEqual((result["duplicates"], result["results"][0]["offset"]), (1, 0), result)
        event["lines"][0]["quantity"] = 7
        result = client.append([self.in_flatbuffers(event)])
        self.assertEqual(result["results"][0]["code"], "event_id_conflict", result)

    def test_verdicts(self):
        result = self.client().append([shop.purchase(0), shop.purchase(1, [shop.line(quantity="x")]),
                                       shop.purchase(2, [shop.line(quantity=0)]), (frames.JSON_ITEM, b'{"event_id":'),
                                       (frames.FLATBUFFERS_ITEM, b"\xff" * 40)])
        self.assertEqual((result["accepted"], result["rejected"]), (2, 3), result)
        found = [(r["index"], r["status"], r["code"]) for r in result["results"]]
        self.assertEqual(found[:3], [(1, "rejected", "invalid_type"), (2, "quarantined", "zero_quantity"),
                                     (3, "rejected", "invalid_json")])

    def test_pipelined_requests_are_answered_by_correlation(self):
        client = self.client()
        sent = {client.send_append([shop.purchase(f"{n}-{i}") for i in range(20)]) for n in range(30)}
        answered = {}
        for _ in sent:
            correlation, kind, body = client.receive()
            answered[correlation] = client.append_result(kind, body)
        self.assertEqual(set(answered), sent)
        self.assertEqual({result["accepted"] for result in answered.values()}, {20})
        self.assertEqual(self.node.gold("daily_sales")[0]["transactions"], 600)

    def test_fetch(self):
        client = self.client()
        client.append([shop.purchase(n) for n in range(5)])
        records, following = client.fetch(2, limit=2)
        self.assertEqual([offset for offset, _, _ in records], [2, 3])
        self.assertEqual((following, json.loads(records[0][2])["event_id"]), (4, "p2"))
        client.send(frames.FETCH, {0: ("Q", 5), 1: ("I", 10), 2: ("I", 20000)})  # waits for the next record
        self.node.post(shop.purchase(5))
        _, kind, body = client.receive()
        self.assertEqual((kind, [r.number(0, "Q") for r in body.tables(0)]), (frames.FETCH_RESULT, [5]))

    def test_a_broken_frame_costs_its_connection_alone(self):
        other = self.client()
        for raw in (struct.pack("<I", 9) + b"no table!", struct.pack("<I", 2**31), struct.pack("<I", 40) + b"\xff" * 40):
            client = self.client()
            client.socket.sendall(raw)
            _, kind, body = client.receive()
            self.assertEqual(kind, frames.ERROR)
            self.assertIn(body.number(0, "H"), (400, 413))
        self.assertEqual(other.append([shop.purchase(0)])["accepted"], 1)
