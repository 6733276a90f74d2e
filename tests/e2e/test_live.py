"""Server-sent events: the log as it grows, and a view's rows as they change."""
import lode
import shop
from event_stream import EventStream


class Live(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started()

    def stream(self, path, last_id=None):
        stream = EventStream(self.node.port, path, last_id)
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

    def test_a_view_of_many_rows(self):
        count, orders = 10500, 105  # more than one page of the largest size
        skus = [f"S{n:05}" for n in range(count)]
        self.node.post_ndjson([shop.purchase(n, [shop.line(sku) for sku in skus[n::orders]]) for n in range(orders)])
        stream = self.stream("/v1/gold/daily_product_sales")
        first = [stream.next() for _ in range(count)]
        self.assertEqual({(event["event"], event["id"]) for event in first}, {("row", str(orders - 1))})
        self.assertEqual(sorted(event["data"]["sku"] for event in first), skus)
        self.assertTrue([event["data"] for event in first] == self.node.gold("daily_product_sales"))

        self.node.post(shop.purchase(500, [shop.line(skus[7]), shop.line(skus[10400]), shop.line("T")]))
        changes = {event["data"]["sku"]: event for event in (stream.next() for _ in range(3))}
        self.assertEqual({sku: (event["event"], event["data"]["transactions"]) for sku, event in changes.items()},
                         {skus[7]: ("row", 2), skus[10400]: ("row", 2), "T": ("row", 1)})

        self.node.post(shop.cancellation("c2", 500))  # what it added goes; nothing else is told
        changes = {event["data"]["sku"]: event for event in (stream.next() for _ in range(3))}
        self.assertEqual({sku: event["event"] for sku, event in changes.items()},
                         {skus[7]: "row", skus[10400]: "row", "T": "removed"})
        self.assertEqual(changes["T"]["data"], {"day": shop.DAY, "country": "GB", "currency": "GBP", "sku": "T"})
        for event in first:
            if event["data"]["sku"] in changes:
                self.assertEqual(changes[event["data"]["sku"]]["data"], event["data"])

        self.node.post(shop.cancellation("c3", 3))  # a hundred rows on both pages
        removed = [stream.next() for _ in skus[3::orders]]
        self.assertEqual({event["event"] for event in removed}, {"removed"})
        self.assertEqual(sorted(event["data"]["sku"] for event in removed), skus[3::orders])
        self.assertEqual(removed[0]["id"], str(orders + 2))

    def test_a_stream_goes_on_behind_the_last_event(self):
        self.node.post([shop.purchase(n) for n in range(5)])
        stream = self.stream("/v1/log", last_id=2)
        self.assertEqual([stream.next()["id"] for _ in range(2)], ["3", "4"])
