"""The log in answers of several megabytes: they end early, and who goes on gets every record once."""
import random

import lode
import shop
from event_stream import EventStream

COUNT = 14
SIZE = 700_000
PAGE = 4 << 20  # an answer ends after about so many bytes of records


class LargeRecords(lode.LodeTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        letters = random.Random(3)
        cls.events = [shop.purchase(n, attributes={"note": letters.randbytes(SIZE // 2).hex()}) for n in range(COUNT)]

    def setUp(self):
        super().setUp()
        self.node = self.started()
        self.assertEqual(self.node.post(self.events).status, 200)

    def read_all(self, accept, limit, rows_of):
        """Answer by answer, as contract and description say: from the last offset + 1, until that is past the end."""
        rows, start, sizes = [], 0, []
        while True:
            answer = self.node.request("GET", "/v1/log", headers={"Accept": accept},
                                       parameters={"from": start, "limit": limit})
            self.assertEqual(answer.status, 200, answer)
            self.assertLess(len(answer.body), PAGE + SIZE + 10_000)
            page = rows_of(answer)
            self.assertTrue(page, "an answer has at least one record")
            rows += page
            sizes.append(len(page))
            start = page[-1]["offset"] + 1
            if start > int(answer.headers["lode-applied-offset"]):
                return rows, sizes

    def assert_whole(self, rows):
        self.assertEqual([row["offset"] for row in rows], list(range(COUNT)))
        for row, event in zip(rows, self.events):
            self.assertTrue(row["event"] == event, row["offset"])  # a difference would be too long to show

    def test_answers_end_early(self):
        for accept, rows_of in (("application/json", lambda answer: answer.json["rows"]),
                                (lode.NDJSON, lambda answer: answer.lines)):
            with self.subTest(accept=accept):
                rows, sizes = self.read_all(accept, 1000, rows_of)
                self.assert_whole(rows)
                self.assertEqual(sizes, [6, 6, 2])
                rows, sizes = self.read_all(accept, 5, rows_of)
                self.assert_whole(rows)
                self.assertEqual(sizes, [5, 5, 4])

    def test_a_stream_has_them_all(self):
        stream = EventStream(self.node.port, "/v1/log?from=0")
        self.addCleanup(stream.close)
        events = [stream.next() for _ in range(COUNT)]
        self.assert_whole([event["data"] for event in events])
        self.assertEqual([event["id"] for event in events], [str(n) for n in range(COUNT)])
        self.node.post(shop.purchase(COUNT))
        self.assertEqual(stream.next()["data"]["offset"], COUNT)

    def test_lodectl_shows_as_many_as_were_asked_for(self):
        def lodectl(*arguments):
            return self.run_program("lodectl", "--server", self.node.url, *arguments, check=True).stdout

        def offsets(text):
            return [lode.json.loads(line)["offset"] for line in text.splitlines()]

        self.assertEqual(offsets(lodectl("log", "--limit", "9")), list(range(9)))
        self.assertEqual(offsets(lodectl("log", "--from", "2", "--limit", "20000")), list(range(2, COUNT)))
        self.assertEqual(offsets(lodectl("log", "--from", str(COUNT))), [])
        self.assertEqual(len(lodectl("log", "--limit", "9", "--format", "csv").splitlines()), 10)
        answer = lode.json.loads(lodectl("--json", "log", "--limit", "1000"))
        self.assert_whole(answer["rows"])
        self.assertEqual(answer["meta"]["as_of_offset"], COUNT - 1)
        self.assertEqual(lode.json.loads(lodectl("--json", "log", "--from", str(COUNT)))["rows"], [])
        self.assertEqual(offsets(lodectl("tail", "--from", "1", "--count", "12")), list(range(1, 13)))
