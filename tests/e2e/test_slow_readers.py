"""Readers who ask for much and take nothing: what they cost is bounded, and others go on being served."""
import socket
import time

import event_stream
import frames
import lode
import shop

MIB = 1 << 20
ROOM = 16 * MIB
RECORDS = 12
BAD_EVENTS = 30_000  # the answer to so many has 5 MB
# The room, what two reads at once take on the way, and what the allocator keeps of it.
GROWTH = ROOM + 80 * MIB


class SlowReaders(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started("--limits-answer-bytes", str(ROOM), "--http-request-seconds", "4", "--limits-body-bytes",
                                 str(MIB), "--limits-events-per-request", str(BAD_EVENTS))
        for number in range(RECORDS):
            answer = self.node.post({"event_id": f"p{number}", "type": "customer", "occurred_at": "2011-01-05T10:00:00Z",
                                     "customer_id": f"c{number}", "attributes": {"pad": "x" * 900_000}})
            self.assertEqual(answer.status, 200, answer)
        self.before = self.resident()

    def resident(self):
        with open(f"/proc/{self.node.process.pid}/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))

    def tcp(self):
        client = frames.Client(self.node.tcp_port)
        self.addCleanup(client.close)
        return client

    def ask(self, request, times=1):
        """A connection that takes next to nothing of its answers; the first may fit into the kernel's buffers."""
        slow = socket.socket()
        self.addCleanup(slow.close)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", self.node.port))
        slow.sendall((request.encode() + b"\r\nHost: a\r\n\r\n") * times)
        return slow

    def page_is_refused(self):
        answer = self.node.get("/v1/log", limit=10000)
        if answer.status == 503:
            self.assert_problem(answer, 503, "busy")
            self.assertEqual(answer.headers["retry-after"], "1")
        return answer.status == 503

    def assert_bounded(self):
        highest = 0
        ends = time.monotonic() + 1
        while time.monotonic() < ends:
            highest = max(highest, self.resident())
            self.assertEqual(self.node.get("/v1/quality").status, 200)
            time.sleep(0.05)
        self.assertLess(highest - self.before, GROWTH)

    def assert_others_are_served(self):
        self.assertEqual(self.node.post(shop.purchase(1)).status, 200)
        self.assertEqual(self.node.gold("daily_sales")[0]["transactions"], 1)
        row, = self.node.get("/v1/log", **{"from": RECORDS}).json["rows"]
        self.assertEqual(row["event"]["event_id"], "p1")
        records, _ = self.tcp().fetch(RECORDS)
        self.assertEqual([offset for offset, _, _ in records], [RECORDS])
        stream = event_stream.EventStream(self.node.port, f"/v1/log?from={RECORDS}")
        self.addCleanup(stream.close)
        self.assertEqual(stream.next()["id"], str(RECORDS))

    def assert_let_go(self):
        """Whoever does not take his answer is closed, and the room is there again."""
        lode.wait_for(lambda: self.node.get("/v1/log", limit=10000).status == 200, 30)

    def test_fetches(self):
        slow = [self.tcp() for _ in range(10)]
        for client in slow:
            for _ in range(64):
                client.send(frames.FETCH, {0: ("Q", 0), 1: ("I", 10000), 2: ("I", 0)})
        lode.wait_for(self.page_is_refused)
        self.assert_bounded()
        other = self.tcp()
        other.send(frames.FETCH, {0: ("Q", 0), 1: ("I", 10000), 2: ("I", 0)})
        result = other.append_result(*other.receive()[1:])
        self.assertEqual((result["status"], result["error"]), (503, "busy"))
        self.assert_others_are_served()
        self.assert_let_go()

    def test_pages_over_http(self):
        for _ in range(60):
            self.ask("GET /v1/log?limit=10000 HTTP/1.1", times=8)
        lode.wait_for(self.page_is_refused)
        self.assert_bounded()
        self.assert_others_are_served()
        self.assert_let_go()

    def test_streams(self):
        for _ in range(60):
            self.ask("GET /v1/log HTTP/1.1\r\nAccept: text/event-stream")
        lode.wait_for(self.page_is_refused)
        self.assert_bounded()
        self.assert_others_are_served()

    def test_many_fetches_of_a_client_who_reads(self):
        client = self.tcp()
        sent = [client.send(frames.FETCH, {0: ("Q", number % RECORDS), 1: ("I", 2), 2: ("I", 0)}) for number in range(40)]
        answered = {}
        for _ in sent:
            correlation, kind, body = client.receive()
            self.assertEqual(kind, frames.FETCH_RESULT)
            answered[correlation] = [record.number(0, "Q") for record in body.tables(0)]
        expected = {correlation: [n for n in (number % RECORDS, number % RECORDS + 1) if n < RECORDS]
                    for number, correlation in enumerate(sent)}
        self.assertEqual(answered, expected)

    def test_long_answers_to_writes(self):
        bad = b"[" + b",".join([b"{}"] * BAD_EVENTS) + b"]"
        slow = [self.ask("POST /v1/events HTTP/1.1\r\nContent-Type: application/json"
                         f"\r\nContent-Length: {len(bad)}") for _ in range(60)]
        for connection in slow:
            connection.sendall(bad)
        answers = {connection.recv(12, socket.MSG_WAITALL) for connection in slow}
        self.assertEqual(answers, {b"HTTP/1.1 422", b"HTTP/1.1 503"})
        self.assert_bounded()

        def is_answered():
            answer = self.node.post(bad)
            if answer.status == 503:
                self.assert_problem(answer, 503, "outcome_unknown")
                return False
            self.assertEqual((answer.status, len(answer.json["results"])), (422, BAD_EVENTS))
            return True
        lode.wait_for(is_answered, 30)
