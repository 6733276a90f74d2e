"""Server-sent events: the log as it grows, and a view's rows as they change."""
import http.client
import json

import lode
import shop


class EventStream:
    """A text/event-stream read event by event."""

    def __init__(self, port, path):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.connection.request("GET", path, headers={"Accept": "text/event-stream"})
        self.answer = self.connection.getresponse()

    def next(self):
        """The next event's fields, its data decoded; comments are passed over."""
        fields = {}
        while True:
            line = self.answer.readline().decode("utf-8")
            if not line:
                raise AssertionError("the stream has ended")
            line = line.rstrip("\r\n")
            if not line and "data" in fields:
                return {**fields, "data": json.loads(fields["data"])}
            name, _, value = line.partition(":")
            if name:
                fields[name] = fields.get(name, "") + value.removeprefix(" ")

    def close(self):
        self.connection.close()
        self.answer.close()


class Live(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started()

    def stream(self, path):
        stream = EventStream(self.node.port, path)
        self.addCleanup(stream.close)
        self.assertEqual(stream.answer.status, 200)
        self.assertEqual(stream.answer.getheader("Content-Type").split(";")[0], "text/event-stream")
        return stream

    def test_the_log(self):
        self.node.post([shop.purchase(0), shop.purchase(1)])
        stream = self.stream("/v1/log?from=1")
        self.assertEqual(stream.next()["data"]["offset"], 1)
        self.node.post(shop.purchase(2))
        event = stream.next()
        self.assertEqual((event["data"]["offset"], event["data"]["event"]["event_id"]), (2, "p2"))

    def test_a_view(self):
        self.node.post(shop.purchase(0))
        stream = self.stream("/v1/gold/daily_sales?country=GB")
        self.node.post(shop.purchase(1))
        for _ in range(10):
            data = stream.next()["data"]
            rows = data.get("rows", [data])
            if any(row.get("transactions") == 2 for row in rows):
                return
        self.fail("the change did not come")
