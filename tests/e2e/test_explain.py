"""GET /v1/explain/gold/{view} and lodectl explain: the lines behind a number come to the number, by an adder of this file's own."""
import csv
import http.client
import io
import json
import os
import random
import threading
import unittest

import lode
import retail
import shop
import streams
import twin

FLAGS = ["--silver-fee-skus", ",".join(streams.FEE_SKUS), "--state-epoch-events", "1000"]


def explain(server, view, **parameters):
    """All pages of an explanation: the first page, and the rows of all."""
    first = server.get(f"/v1/explain/gold/{view}", **parameters)
    if first.status != 200:
        raise AssertionError(f"{view} {parameters}: {first}")
    rows, page = list(first.json["rows"]), first.json
    while page.get("next_cursor"):
        answer = server.get(f"/v1/explain/gold/{view}", cursor=page["next_cursor"], **parameters)
        if answer.status != 200:
            raise AssertionError(f"{view} {parameters}: {answer}")
        page = answer.json
        assert page["meta"]["as_of_offset"] == first.json["meta"]["as_of_offset"]
        rows += page["rows"]
    return first.json, rows


def added_up(view, rows):
    """The measures of the lines, from what stands in their own columns alone: kinds, quantities, amounts, discounts."""
    def of(*kinds):
        return [row for row in rows if row["kind"] in kinds]

    def sales(row):
        return twin.money(row["amount"]) - twin.money(row["discount"] or 0)

    sold, returned = of("sale"), of("return")
    orders = len({row["order_id"] for row in sold})
    gross, returns = sum(map(sales, sold)), sum(twin.money(row["amount"]) for row in returned)
    units, back = sum(row["quantity"] for row in sold), sum(row["quantity"] for row in returned)
    if view.startswith("daily"):
        return {"transactions": orders, "units_sold": units, "gross_sales": gross,
                "discounts": sum(twin.money(row["discount"]) for row in sold),
                "return_orders": len({row["order_id"] for row in returned}), "units_returned": back, "returns": returns,
                "net_sales": gross - returns, "fees": sum(twin.money(row["amount"]) for row in of("fee")),
                "free_units": sum(row["quantity"] for row in of("free")),
                "average_price": twin.ratio(gross, units * twin.MICRO), "average_order_value": twin.ratio(gross, orders * twin.MICRO)}
    days = [row["adds_first_purchase"] for row in sold if "adds_first_purchase" in row]
    spend = {"orders": orders, "units": units - back, "net_spend": gross - returns}
    if view != "product_popularity":
        spend.update(first_purchase=min(days, default=None), last_purchase=max(days, default=None))
    return spend


class Cells(lode.LodeTest):
    """Random orders, revisions, refunds, cancellations and retries: every cell of every view."""

    def test_every_cell_of_every_view(self):
        seed = int(os.environ.get("LODE_E2E_SEED", random.randrange(10**6)))
        print(f"seed {seed} (LODE_E2E_SEED={seed} repeats it)", flush=True)
        shop_twin = twin.Twin(streams.FEE_SKUS, "Europe/London")
        server = self.started(*FLAGS, "--gold-time-zone", "Europe/London")
        dice = random.Random(seed)
        for batch in streams.batches(streams.Stream(seed).events(700), seed):
            answer = server.post_ndjson(batch, parameters={"results": "all"})
            self.assertIn(answer.status, (200, 207, 422), answer)
            for event in batch:
                shop_twin.append(event)
            self.retry_one(server, shop_twin, dice)
        self.assert_no_differences(twin.all_differences(shop_twin, server))
        for view, (keys, _) in twin.VIEWS.items():
            for row in server.gold(view):
                self.check_cell(server, shop_twin, view, {key: row[key] for key in keys}, row, dice)
            self.check_roll_ups(server, view, keys, dice)
        self.assertIn("lode_explanation_mismatches_total 0", server.get("/metrics").text)

    def retry_one(self, server, shop_twin, dice):
        quarantined = shop_twin.quarantine()
        if quarantined:
            offset = dice.choice(list(quarantined))
            self.assertEqual(server.retry(offset).status, 200)
            shop_twin.retry(shop_twin.events[offset], offset)

    def check_cell(self, server, shop_twin, view, cell, row, dice):
        parameters = {key: value for key, value in cell.items() if value is not None}
        answer, rows = explain(server, view, limit=dice.choice([3, 1000]), **parameters)
        what = f"{view} {cell}: {answer}"
        self.assertIs(answer["adds_up"], True, what)
        self.assertEqual(answer["contributions"], len(rows), what)
        if None not in cell.values():
            _, values = twin.typed_row(view, row)
            for measure, value in added_up(view, rows).items():
                self.assertEqual(value, values[measure], f"{measure} of {what}")
            self.check_columns(row, rows, what)
        for measure in answer["measures"]:
            if measure["measure"] in row and measure["type"] != "rank":
                self.assertEqual(measure["cell"], measure["explained"], what)
            if measure["type"] in ("ratio", "share") and measure["denominator"] is not None:
                expected = twin.ratio(*self.same_unit(measure))
                self.assertEqual(measure["cell"], None if expected is None else f"{expected:.6f}", what)

    @staticmethod
    def same_unit(measure):
        of, by = measure["numerator"], measure["denominator"]
        return twin.money(of), by * twin.MICRO if isinstance(by, int) else twin.money(by)

    def check_columns(self, row, rows, what):
        """The columns adds_… of all lines come to the cell too, distinct counts among them."""
        for name, value in row.items():
            column = f"adds_{name}"
            if column not in (rows[0] if rows else {}) or name in ("first_purchase", "last_purchase"):
                continue
            added = [line[column] for line in rows if line[column] is not None]
            total = sum(map(twin.money, added)) if isinstance(value, str) else sum(added)
            self.assertEqual(total, twin.money(value) if isinstance(value, str) else value, f"{name} of {what}")

    def check_roll_ups(self, server, view, keys, dice):
        for row in server.gold(view, group_by=",".join(keys[:1] + ["currency"]))[:20]:
            parameters = {keys[0]: row[keys[0]], "currency": row["currency"]}
            if None in parameters.values():
                continue
            answer, rows = explain(server, view, **parameters)
            self.assertIs(answer["adds_up"], True, f"{view} {parameters}: {answer}")
            self.check_columns({name: value for name, value in row.items() if name not in keys}, rows, f"{view} {parameters}")
        answer, rows = explain(server, view, currency="GBP", limit=dice.choice([100, 10000]))
        self.assertIs(answer["adds_up"], True, answer)
        for part, column in (("by_source", "source"), ("by_rule", "rule")):
            lines = {name: len(list(group)) for name, group in self.grouped(rows, column).items()}
            self.assertEqual({one[column]: one["lines"] for one in answer[part]}, lines, part)

    @staticmethod
    def grouped(rows, column):
        groups = {}
        for row in rows:
            for name in [row["source"]] if column == "source" else row["rules"] or [None]:
                groups.setdefault(name, []).append(row)
        return groups


class Answers(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started("--silver-fee-skus", "POST")

    def cell(self, view="daily_sales", **parameters):
        return explain(self.node, view, **parameters)

    def test_where_a_line_comes_from(self):
        self.node.post([
            shop.purchase(1, [shop.line("mug", 4, "7.50", discount="3.00"), shop.line("mug", 0 + 2, "1")], source="shop"),
            shop.revision(1, 1, [shop.line("mug", 4, "7.50", discount="3.00")], source="erp"),
            shop.refund("back", 1, [{"sku": "MUG", "quantity": 1}], day=shop.DAY, source="pos"),
            shop.refund("more", 1, [{"sku": "MUG", "quantity": 9}], day=shop.DAY),
            shop.purchase(2), shop.cancellation("c", 2)])
        answer, rows = self.cell(day=shop.DAY, country="GB")
        self.assertEqual([(row["order_id"], row["line"], row["kind"], row["source"], row["event_id"], row["offsets"],
                           row["quantity"], row["unit_price"], row["amount"], row["adds_net_sales"]) for row in rows],
                         [("o1", 0, "sale", "erp", "p1-r1", [0, 1], 4, "7.50", "30.00", "27.00"),
                          ("o1", 0, "return", "pos", "back", [0, 1, 2], 1, None, "6.75", "-6.75")])
        self.assertIn("upper_case_sku", rows[0]["rules"])
        self.assertEqual((answer["adds_up"], answer["orders"], answer["contributions"]), (True, 1, 2))
        average = next(one for one in answer["measures"] if one["measure"] == "average_price")
        self.assertEqual((average["cell"], average["numerator"], average["denominator"], average["made_of"]),
                         ("6.750000", "27.00", 4, "gross_sales,units_sold"))
        quiet, rows = self.cell(day=shop.DAY, country="GB", without_effect="true")
        self.assertEqual([(row["order_id"], row["event_id"], row["without_effect"]) for row in rows if row["without_effect"]],
                         [("o1", "more", "refund_exceeds_order"), ("o1", "p1", "replaced_by_revision"),
                          ("o2", "p2", "order_cancelled")])
        self.assertEqual((quiet["adds_up"], quiet["contributions"], quiet["without_effect"]), (True, 2, 3))
        self.assertEqual(self.node.gold("daily_sales")[0]["net_sales"], "20.25")

    def test_one_measure(self):
        self.node.post([shop.purchase(1, [shop.line("A"), shop.line("FREE", 1, "0"), shop.line("POST", 1, "4")])])
        answer, rows = self.cell(day=shop.DAY, measure="fees")
        self.assertEqual([(row["sku"], row["adds_fees"]) for row in rows], [("POST", "4.00")])
        self.assertEqual([one["measure"] for one in answer["measures"]], ["fees"])
        _, rows = self.cell(day=shop.DAY, measure="average_price")
        self.assertEqual([(row["sku"], row["adds_gross_sales"], row["adds_units_sold"]) for row in rows], [("A", "15.30", 6)])

    def test_refusals(self):
        self.node.post([shop.purchase(1), shop.purchase(2, currency="EUR")])
        get = self.node.get
        self.assert_problem(get("/v1/explain/gold/daily_sales"), 422, "mixed_currencies")
        self.assert_problem(get("/v1/explain/gold/dayly_sales"), 404, "unknown_view")
        self.assert_problem(get("/v1/explain/gold/daily_sales", dat="2011-01-05"), 400, "unknown_parameter", "/dat")
        self.assert_problem(get("/v1/explain/gold/daily_sales", measure="nett"), 400, "invalid_parameter", "/measure")
        self.assert_problem(get("/v1/explain/gold/daily_sales", without_effect="yes"), 400, "invalid_parameter", "/without_effect")
        self.assert_problem(get("/v1/explain/gold/daily_sales", cursor="x"), 400, "invalid_cursor", "/cursor")
        answer, rows = self.cell(day="1999-01-01", currency="GBP")
        self.assertEqual((answer["adds_up"], rows), (True, []))
        answer, rows = self.cell(view="daily_product_sales", sku="NOBODY HAS IT", currency="GBP")
        self.assertEqual((answer["adds_up"], rows), (True, []))

    def test_forms(self):
        self.node.post([shop.purchase(number) for number in range(5)])
        table = self.node.request("GET", "/v1/explain/gold/daily_sales?limit=3", headers={"Accept": "text/csv"})
        lines = list(csv.DictReader(io.StringIO(table.text)))
        self.assertEqual([line["event_id"] for line in lines], ["p0", "p1", "p2"])
        self.assertTrue(table.headers["lode-next-cursor"])
        text = self.node.request("GET", "/v1/explain/gold/daily_sales", headers={"Accept": lode.NDJSON}).text
        self.assertEqual([json.loads(line)["order_id"] for line in text.splitlines()], [f"o{n}" for n in range(5)])

    def test_pages_are_of_one_offset(self):
        self.node.post([shop.purchase(number) for number in range(6)])
        first = self.node.get("/v1/explain/gold/daily_sales", limit=2).json
        # Meanwhile an order that was shown, and two that were not, change; and new ones come.
        self.node.post([shop.revision(0, 1, [shop.line(quantity=1)]), shop.revision(3, 1, [shop.line(quantity=1)]),
                        shop.cancellation("c", 4), shop.refund("r", 5, [{"sku": "85123A", "quantity": 2}], day=shop.DAY),
                        shop.purchase(9)])
        rows, page = first["rows"], first
        while page.get("next_cursor"):
            page = self.node.get("/v1/explain/gold/daily_sales", limit=2, cursor=page["next_cursor"]).json
            rows = rows + page["rows"]
        self.assertEqual([(row["order_id"], row["adds_net_sales"]) for row in rows], [(f"o{n}", "15.30") for n in range(6)])
        # What a second revision took cannot be shown any more: it is said.
        self.node.post([shop.revision(3, 2, [shop.line(quantity=5)])])
        now = self.node.get("/v1/explain/gold/daily_sales", limit=1)
        self.node.post([shop.revision(3, 3, [shop.line(quantity=7)])])
        last = now
        while last.status == 200 and last.json.get("next_cursor"):
            last = self.node.get("/v1/explain/gold/daily_sales", limit=1, cursor=last.json["next_cursor"])
        self.assert_problem(last, 409, "moved_on", "/cursor")

    def test_a_log_without_its_beginning(self):
        self.node.stop()
        self.node.flags += ["--state-epoch-events", "1000"]
        self.node.start()
        for batch in range(12):
            self.node.post([shop.purchase(batch * 1000 + number) for number in range(1000)])
        gone = self.run_program("lodectl", "--url", self.node.url, "log", "truncate", "--before", "5000", "--yes")
        self.assertEqual(gone.returncode, 0, gone.stderr)
        answer, rows = self.cell(day=shop.DAY, limit=10000)
        self.assertIs(answer["adds_up"], True)
        self.assertEqual(len(rows), 12000)
        self.assertIn("log has no more", answer["note"])
        self.assertEqual((rows[0]["event_id"], rows[0]["offsets"], rows[-1]["event_id"]), (None, [0], "p11999"))

    def test_a_client_that_goes_ends_it(self):
        for batch in range(30):
            self.node.post([shop.purchase(batch * 1000 + number) for number in range(1000)])
        for _ in range(12):
            connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=20)
            connection.request("GET", "/v1/explain/gold/daily_sales?currency=GBP")
            connection.close()
        answer, _ = self.cell(day=shop.DAY, limit=1000)
        self.assertIs(answer["adds_up"], True)

    def test_lodectl(self):
        self.node.post([shop.purchase(1, [shop.line("mug", 4, "7.50")]), shop.refund("r", 1, [{"sku": "MUG", "quantity": 1}], day=shop.DAY)])

        def lodectl(*arguments):
            return self.run_program("lodectl", "--url", self.node.url, *arguments)

        told = lodectl("explain", "gold", "daily_sales", f"day={shop.DAY}", "country=GB", "--measure", "net_sales")
        self.assertEqual(told.returncode, 0, told.stderr)
        out = told.stdout
        for words in ("adds_net_sales", "30.00", "-7.50", "total: 2 lines of 1 orders", "it adds up to what gold says"):
            self.assertIn(words, out)
        answer = json.loads(lodectl("--json", "explain", "gold", "daily_sales", f"day={shop.DAY}").stdout)
        self.assertIs(answer["adds_up"], True)
        row = json.loads(lodectl("--json", "explain", "silver", "orders", "o1").stdout)
        self.assertEqual([record["event"]["event_id"] for record in row["records"]], ["p1", "r"])
        self.assertIn("upper_case_sku", lodectl("explain", "silver", "orders", "o1").stdout)
        self.assertEqual(lodectl("explain", "gold", "daily_sales", "dya=1").returncode, 2)
        self.assertEqual(lodectl("explain", "gold", "nothing").returncode, 1)


class WhileAWriterGoesOn(lode.LodeTest):
    def test_every_explanation_adds_up(self):
        seed = int(os.environ.get("LODE_E2E_SEED", random.randrange(10**6)))
        print(f"seed {seed} (LODE_E2E_SEED={seed} repeats it)", flush=True)
        server = self.started(*FLAGS)
        writer = self.other_connection(server)
        stopping = threading.Event()
        problems = []

        def write():
            stream = streams.Stream(seed)
            while not stopping.is_set():
                answer = writer.post_ndjson(stream.events(60))
                if answer.status not in (200, 207, 422):
                    problems.append(repr(answer))

        thread = threading.Thread(target=write)
        thread.start()
        try:
            dice = random.Random(seed)
            looked = 0
            while looked < 150 and not problems:
                view = dice.choice(list(twin.VIEWS))
                answer = server.get(f"/v1/explain/gold/{view}", currency=dice.choice(["GBP", "EUR"]), limit=10)
                if answer.status == 409:  # an order was revised more than once while it was looked for, three times
                    continue
                self.assertEqual(answer.status, 200, answer)
                self.assertIs(answer.json["adds_up"], True, answer)
                looked += 1
        finally:
            stopping.set()
            thread.join()
        self.assertEqual(problems, [])

    @staticmethod
    def other_connection(server):
        other = lode.Server.__new__(lode.Server)
        other.__dict__.update(server.__dict__)
        other.connection = None
        return other


@unittest.skipUnless(retail.path() and lode.LEVEL != "quick", "online_retail.csv.zst is not at hand, or --quick")
class OnlineRetail(lode.LodeTest):
    def test_the_first_of_december(self):
        server = self.started("--silver-fee-skus", ",".join(retail.FEE_SKUS))
        events = retail.events()
        for start in range(0, len(events), 500):
            self.assertEqual(server.post_ndjson(events[start:start + 500]).status, 200)
        answer, rows = explain(server, "daily_sales", day="2010-12-01", country="GB", limit=10000)
        self.assertIs(answer["adds_up"], True, answer["measures"])
        known = {"transactions": 120, "units_sold": 24010, "gross_sales": "53620.62", "units_returned": 142,
                 "returns": "175.43", "return_orders": 4, "free_units": 88, "fees": "1169.96", "customers": 90}
        explained = {one["measure"]: one["explained"] for one in answer["measures"]}
        self.assertEqual({name: explained[name] for name in known}, known)
        own = added_up("daily_sales", rows)
        self.assertEqual({name: own[name] for name in known if name in own},
                         {name: twin.money(value) if isinstance(value, str) else value for name, value in known.items()
                          if name in own})
        by_id = {event["event_id"]: event for event in events}
        for row in rows:  # each line is one of the invoice that it names
            line = by_id[row["event_id"]]["lines"][row["line"]]
            self.assertEqual((row["sku"], twin.money(row["unit_price"])),
                             (twin.clean_sku(line["sku"]), twin.money(line["unit_price"])))
        year = server.get("/v1/explain/gold/daily_sales", limit=1).json
        self.assertIs(year["adds_up"], True)
        net = next(one for one in year["measures"] if one["measure"] == "net_sales")
        self.assertEqual((net["cell"], net["explained"]), ("9793394.69", "9793394.69"))


if __name__ == "__main__":
    unittest.main()
