"""POST /v1/events: verdicts, formats, encodings, limits."""
import gzip
import http.client
import json
import os

import frames
import lode
import shop
import twin

MAPPINGS = os.path.join(lode.ROOT, "config", "mappings")


class Verdicts(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started()

    def test_one_event_is_in_gold_when_it_is_answered(self):
        answer = self.node.post(shop.purchase(1))
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json, {"accepted": 1, "duplicates": 0, "rejected": 0, "first_offset": 0,
                                       "last_offset": 0, "results": []})
        self.assertEqual(self.node.gold("daily_sales")[0]["gross_sales"], "15.30")

    def test_a_duplicate_answers_the_first_offset_also_after_a_restart(self):
        self.node.post([shop.purchase(1), shop.purchase(2)])
        spaced = json.dumps(dict(reversed(shop.purchase(2).items())), indent=3)  # the same values: the same content
        for end in (self.node.stop, self.node.kill):
            answer = self.node.post(spaced)
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual((answer.json["duplicates"], answer.json["first_offset"]), (1, None))
            self.assertEqual((answer.json["results"][0]["status"], answer.json["results"][0]["offset"]), ("duplicate", 1))
            end()
            self.node.start()
        self.assertEqual(self.node.gold("daily_sales")[0]["transactions"], 2)

    def test_equal_values_written_otherwise_are_the_same_content(self):
        self.node.post(shop.purchase(1))
        other = shop.purchase(1, [shop.line(unit_price=2.550)], occurred_at="2011-01-05T10:26:00.000+02:00")
        self.assertEqual(self.node.post(other).json["duplicates"], 1)

    def test_other_content_under_the_same_id_is_a_conflict(self):
        self.node.post(shop.purchase(1))
        answer = self.node.post(shop.purchase(1, [shop.line(quantity=7)]))
        self.assertEqual(answer.status, 422, answer)
        result = answer.json["results"][0]
        self.assertEqual((result["status"], result["code"]), ("rejected", "event_id_conflict"))
        self.assertEqual(self.node.post(shop.purchase(1, source="pos", order_id="o9")).json["accepted"], 1)

    def test_one_bad_event_of_a_thousand_costs_that_event_alone(self):
        events = [shop.purchase(number) for number in range(1000)]
        events[417]["lines"][0]["quantity"] = "six"
        answer = self.node.post_ndjson(events)
        self.assertEqual(answer.status, 207, answer)
        self.assertEqual((answer.json["accepted"], answer.json["rejected"]), (999, 1))
        result, = answer.json["results"]
        self.assertEqual((result["index"], result["status"], result["pointer"]), (417, "rejected", "/lines/0/quantity"))
        self.assertEqual(result["code"], "invalid_type")
        self.assertGreater(len(result["detail"]), 10)
        self.assertEqual(self.node.gold("daily_sales")[0]["transactions"], 999)

    def test_a_broken_line_costs_only_itself(self):
        body = json.dumps(shop.purchase(1)) + "\n{\"event_id\": \n" + json.dumps(shop.purchase(2)) + "\n"
        answer = self.node.post(body, lode.NDJSON)
        self.assertEqual((answer.status, answer.json["accepted"]), (207, 2))
        self.assertEqual([(r["index"], r["code"]) for r in answer.json["results"]], [(1, "invalid_json")])

    def test_nothing_good_is_422(self):
        answer = self.node.post([{"type": "purchase"}, 7, {"event_id": "x", "type": "gift"}])
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual((answer.json["accepted"], answer.json["rejected"], answer.json["first_offset"]), (0, 3, None))
        self.assertEqual([r["index"] for r in answer.json["results"]], [0, 1, 2])

    def test_an_id_of_white_space_alone_is_rejected_in_every_form(self):
        blank = "\u00a0 \t"
        events = [(shop.purchase(1, [shop.line(), shop.line(blank)]), "/lines/1/sku"),
                  (shop.purchase(2, order_id=blank), "/order_id"), (shop.purchase(3, event_id=blank), "/event_id"),
                  (shop.refund("r", 1, [shop.line(blank)]), "/lines/0/sku"),
                  ({"event_id": "p", "type": "product", "occurred_at": "2011-01-01T00:00:00Z", "sku": blank}, "/sku"),
                  ({"event_id": "c", "type": "customer", "occurred_at": "2011-01-01T00:00:00Z", "customer_id": blank},
                   "/customer_id")]
        answer = self.node.post([event for event, _ in events])
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual([(r["code"], r["pointer"]) for r in answer.json["results"]],
                         [("invalid_value", pointer) for _, pointer in events])
        client = frames.Client(self.node.tcp_port)
        self.addCleanup(client.close)
        orders = [frames.flatbuffers_event(event, twin.micros, twin.money) for event, _ in events[:4]]
        self.assertEqual([(r["code"], r["pointer"]) for r in client.append(orders)["results"]],
                         [("invalid_value", pointer) for _, pointer in events[:4]])
        text = ("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
                f"536365,{blank},HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n")
        answer = self.node.post(text, "text/csv", parameters={"mapping": "online_retail"})
        self.assertEqual((answer.status, [r["code"] for r in answer.json["results"]]), (422, ["invalid_row"]), answer)
        self.assertEqual(self.node.get("/v1/log").json["rows"], [])

    def test_out_of_range(self):
        cases = [("/lines/0/quantity", shop.line(quantity=2**31)), ("/lines/0/unit_price", shop.line(unit_price="9223372036855")),
                 ("/lines/0/unit_price", shop.line(quantity=2**31 - 1, unit_price="4295"))]
        for number, (pointer, line) in enumerate(cases):
            with self.subTest(pointer=pointer, line=line):
                result, = self.node.post(shop.purchase(number, [line])).json["results"]
                self.assertEqual((result["code"], result["pointer"]), ("out_of_range", pointer))

    def test_a_quarantined_event_is_accepted_and_named(self):
        answer = self.node.post([shop.purchase(1), shop.purchase(2, [shop.line(), shop.line(unit_price="-1")])])
        self.assertEqual((answer.status, answer.json["accepted"]), (200, 2))
        result, = answer.json["results"]
        self.assertEqual((result["index"], result["status"], result["code"]), (1, "quarantined", "negative_price"))
        self.assertEqual(self.node.gold("daily_sales")[0]["transactions"], 1)

    def test_ack_committed_becomes_visible(self):
        offset = self.node.post(shop.purchase(1), parameters={"ack": "committed"}).json["last_offset"]
        answer = self.node.get("/v1/gold/daily_sales", min_offset=offset, wait_ms=5000)
        self.assertEqual(answer.json["rows"][0]["transactions"], 1)


class Formats(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started()

    def accepted(self, answer, count=1):
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["accepted"], count, answer)

    def test_object_array_ndjson_and_encodings_say_the_same(self):
        self.accepted(self.node.post(shop.purchase(1)))
        self.accepted(self.node.post([shop.purchase(2), shop.purchase(3)]), 2)
        self.accepted(self.node.post_ndjson([shop.purchase(4)]))
        body = json.dumps([shop.purchase(5), shop.purchase(6)]).encode()
        self.accepted(self.node.post(gzip.compress(body), encoding="gzip"), 2)
        self.accepted(self.node.post(lode.zstd(body.replace(b"p5", b"p7").replace(b"o5", b"o7")
                                               .replace(b"p6", b"p8").replace(b"o6", b"o8")), encoding="zstd"), 2)
        row, = self.node.gold("daily_sales")
        self.assertEqual((row["transactions"], row["gross_sales"]), (8, "122.40"))

    def test_cloudevents(self):
        def envelope(number):
            event = shop.purchase(number)
            data = {name: value for name, value in event.items() if name not in ("event_id", "type", "source")}
            return {"specversion": "1.0", "id": event["event_id"], "source": "web", "type": "shop.purchase",
                    "datacontenttype": "application/json", "data": data}

        self.accepted(self.node.post(envelope(1), "application/cloudevents+json"))
        self.accepted(self.node.post([envelope(2), envelope(3)], "application/cloudevents-batch+json"), 2)
        four = envelope(4)
        headers = {"ce-specversion": "1.0", "ce-id": four["id"], "ce-source": "web", "ce-type": "shop.purchase"}
        self.accepted(self.node.post(four["data"], headers=headers))
        self.assertEqual(self.node.post(envelope(1), "application/cloudevents+json").json["duplicates"], 1)
        self.assertEqual(self.node.gold("daily_sales")[0]["transactions"], 4)

    def test_csv_by_mapping(self):
        text = ("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
                '536365,85123A,"HEART, WHITE",6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n'
                "536365,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom\n"
                "536366,22633,WARMER,many,2010-12-01 08:28:00,1.85,17850,United Kingdom\n"
                "536367,84879,BIRD,32,2010-12-01 08:34:00,1.69,13047,EIRE\n")
        answer = self.node.post(text, "text/csv", parameters={"mapping": "online_retail"})
        self.assertEqual((answer.status, answer.json["accepted"], answer.json["rejected"]), (207, 2, 1), answer)
        self.assertEqual([r["code"] for r in answer.json["results"]], ["invalid_row"])
        rows = {row["country"]: row for row in self.node.gold("daily_sales")}
        self.assertEqual((rows["GB"]["gross_sales"], rows["IE"]["gross_sales"]), ("35.64", "54.08"))

    def test_other_charsets_than_utf8_are_refused(self):
        for number, charset in enumerate(("UTF-8", "\"utf-8\"", "us-ascii")):
            self.accepted(self.node.post(shop.purchase(number), f"application/json; charset={charset}"))
        for media_type in ("application/json", "application/x-ndjson", "text/csv; mapping=online_retail",
                           "application/cloudevents+json"):
            answer = self.node.post(shop.purchase(9), f"{media_type}; charset=utf-16")
            self.assertIn("UTF-8", self.assert_problem(answer, 415, "unsupported_media_type")["detail"])
        binary = {"ce-specversion": "1.0", "ce-id": "9", "ce-source": "web", "ce-type": "shop.purchase"}
        answer = self.node.post(shop.purchase(9), "application/json; charset=iso-8859-1", headers=binary)
        self.assert_problem(answer, 415, "unsupported_media_type")

    def test_unknown_fields_are_kept(self):
        self.accepted(self.node.post(shop.purchase(1, loyalty={"tier": 3})))
        record, = self.node.get("/v1/log").json["rows"]
        self.assertEqual(record["event"]["loyalty"], {"tier": 3})


class Refusals(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started("--limits-body-bytes", "20000", "--limits-events-per-request", "50",
                                 "--limits-event-bytes", "4000")

    def test_bodies_that_cannot_be_split(self):
        self.assert_problem(self.node.post("{\"event_id\":"), 400, "invalid_json")
        self.assert_problem(self.node.post("not gzip", encoding="gzip"), 400, "invalid_encoding")

    def test_too_large(self):
        self.assertEqual(self.node.post("[" + " " * 30000 + "]").status, 413)
        self.node.close()
        self.assertEqual(self.node.post(gzip.compress(b"[" + b" " * 10**7 + b"]"), encoding="gzip").status, 413)
        self.node.close()
        self.assert_problem(self.node.post_ndjson([{"n": n} for n in range(51)]), 413, "too_many_events")
        result, = self.node.post(shop.purchase(1, note="x" * 5000)).json["results"]
        self.assertEqual(result["code"], "too_large")

    def test_media_types(self):
        self.assertEqual(self.node.post("<a/>", "application/xml").status, 415)
        self.assertEqual(self.node.post("{}", encoding="br").status, 415)

    def test_long_ids_deep_nesting_and_many_lines(self):
        deep = current = {}
        for _ in range(60):
            current["a"] = {}
            current = current["a"]
        cases = [("too_long", shop.purchase(1, event_id="x" * 129)), ("too_deep", shop.purchase(2, deep=deep))]
        for code, event in cases:
            with self.subTest(code=code):
                result, = self.node.post(event).json["results"]
                self.assertEqual(result["code"], code)

    def test_parameters_methods_and_paths(self):
        self.assertEqual(self.node.post(shop.purchase(1), parameters={"ack": "maybe"}).status, 400)
        self.assertEqual(self.node.post(shop.purchase(1), parameters={"akc": "applied"}).status, 400)
        self.assertEqual(self.node.request("DELETE", "/v1/events").status, 405)
        self.assertEqual(self.node.get("/v1/nothing").status, 404)
        self.assertEqual(self.node.get("/v1/../../etc/passwd").status, 404)

    def test_broken_requests_hurt_nobody_else(self):
        for raw in (b"GET / HTTP/9.9\r\n\r\n", b"\x00\xff" * 50 + b"\r\n\r\n", b"POST /v1/events HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                    b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n", b"POST /v1/events HTTP/1.1\r\nContent-Length: 99\r\n\r\n{"):
            with lode.socket.create_connection(("127.0.0.1", self.node.port), 10) as connection:
                try:
                    connection.sendall(raw)
                    connection.shutdown(lode.socket.SHUT_WR)
                    while connection.recv(4096):
                        pass
                except OSError:
                    pass
        with lode.socket.create_connection(("127.0.0.1", self.node.tcp_port), 10) as connection:
            try:
                connection.sendall(b"\xff\xff\xff\xff" + b"x" * 1000)
                connection.shutdown(lode.socket.SHUT_WR)
                while connection.recv(4096):
                    pass
            except OSError:
                pass
        self.assertEqual(self.node.post(shop.purchase(1)).status, 200)

    def test_transfer_encodings(self):
        body = json.dumps(shop.purchase(1)).encode()
        chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        for fields, status in ((b"Transfer-Encoding: gzip, chunked", 501), (b"Transfer-Encoding: gzip", 501),
                               (b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", 501),
                               (b"Transfer-Encoding: chunked, chunked", 501), (b"Transfer-Encoding: Chunked", 200)):
            with self.subTest(fields=fields), lode.socket.create_connection(("127.0.0.1", self.node.port), 10) as connection:
                connection.sendall(b"POST /v1/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                                   b"Content-Type: application/json\r\n" + fields + b"\r\n\r\n" + chunks)
                connection.shutdown(lode.socket.SHUT_WR)
                answer = b"".join(iter(lambda connection=connection: connection.recv(4096), b""))
                self.assertEqual(answer.split()[1], str(status).encode(), answer)
                if status == 501:
                    self.assertIn(b'"code":"transfer_encoding"', answer)


class Backpressure(lode.LodeTest):
    def test_a_full_queue_says_429_and_takes_nothing_by_halves(self):
        node = self.started("--ingest-queue-events", "1500")
        sent = accepted = refused = 0
        connections = []
        for number in range(24):
            events = [shop.purchase(number * 1000 + index) for index in range(1000)]
            connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
            connection.request("POST", "/v1/events", "".join(json.dumps(e) + "\n" for e in events),
                               {"Content-Type": lode.NDJSON})
            connections.append(connection)
            sent += 1
        for connection in connections:
            answer = connection.getresponse()
            body = json.loads(answer.read())
            if answer.status == 429:
                refused += 1
                self.assertTrue(int(answer.getheader("Retry-After")) >= 1)
                self.assertEqual(body["code"], "queue_full")
            else:
                self.assertEqual((answer.status, body["accepted"]), (200, 1000), body)
                accepted += 1
            connection.close()
        self.assertEqual(accepted + refused, sent)
        self.assertGreater(accepted, 0)
        self.assertEqual(node.gold("daily_sales")[0]["transactions"], accepted * 1000)
