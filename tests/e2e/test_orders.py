"""What can happen to an order, seen in gold, silver and quarantine."""
import lode
import shop


class Orders(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started("--silver-fee-skus", "POST")

    def post(self, *events):
        for event in events:
            answer = self.node.post(event)
            self.assertEqual(answer.status, 200, answer)

    def sales(self, day=shop.DAY):
        rows = self.node.gold("daily_sales", day=day)
        return rows[0] if rows else None

    def quarantine(self):
        return [(row["offset"], row["rule"]) for row in self.node.rows("/v1/quarantine")]

    def assert_sales(self, day=shop.DAY, **figures):
        row = self.sales(day)
        self.assertIsNotNone(row, f"no row on {day}")
        self.assertEqual({name: row[name] for name in figures}, figures)

    def test_a_revision_replaces_the_order_and_leaves_no_trace(self):
        self.post(shop.purchase(1, [shop.line(), shop.line("71053", 2, "10")]))
        self.assert_sales(transactions=1, units_sold=8, gross_sales="35.30")
        self.post(shop.revision(1, 1, [shop.line("22423", 1, "12.75")], occurred_at="2011-01-06T09:00:00Z"))
        self.assertIsNone(self.sales())
        self.assert_sales("2011-01-06", transactions=1, units_sold=1, gross_sales="12.75", customers=1)
        self.assertEqual([row["sku"] for row in self.node.gold("customer_product_affinity")], ["22423"])

    def test_a_second_purchase_without_a_higher_revision_is_quarantined(self):
        self.post(shop.purchase(1), shop.revision(1, 2, [shop.line(quantity=1)]), shop.revision(1, 1, [shop.line()]),
                  shop.purchase(1, event_id="other"))
        self.assertEqual(self.quarantine(), [(2, "duplicate_order"), (3, "duplicate_order")])
        self.assert_sales(units_sold=1)

    def test_a_refund_books_on_its_own_day_at_the_orders_price_less_its_discount(self):
        self.post(shop.purchase(1, [shop.line(quantity=4, unit_price="10", discount="2")]),
                  shop.refund("r1", 1, [{"sku": "85123a", "quantity": 2}]))
        self.assert_sales(gross_sales="38.00", discounts="2.00", returns="0.00", net_sales="38.00")
        self.assert_sales("2011-01-07", returns="19.00", units_returned=2, return_orders=1, net_sales="-19.00",
                          transactions=0, average_price=None)
        row, = self.node.gold("customer_product_affinity")
        self.assertEqual((row["units"], row["net_spend"], row["orders"], row["first_purchase"]), (2, "19.00", 1, shop.DAY))

    def test_a_refund_takes_the_skus_lines_in_order(self):
        self.post(shop.purchase(1, [shop.line(quantity=2, unit_price="10"), shop.line(quantity=2, unit_price="7")]),
                  shop.refund("r1", 1, [{"sku": "85123A", "quantity": 3}]),
                  shop.refund("r2", 1, [{"sku": "85123A", "quantity": 1}], day="2011-01-08"))
        self.assert_sales("2011-01-07", returns="27.00", units_returned=3)
        self.assert_sales("2011-01-08", returns="7.00", units_returned=1)

    def test_a_refund_with_a_price_of_its_own(self):
        self.post(shop.purchase(1), shop.refund("r1", 1, [{"sku": "85123A", "quantity": 1, "unit_price": "2.00"}]))
        self.assert_sales("2011-01-07", returns="2.00")

    def test_more_than_was_bought_is_quarantined_whole(self):
        self.post(shop.purchase(1, [shop.line(), shop.line("71053", 1, "3")]),
                  shop.refund("r1", 1, [{"sku": "71053", "quantity": 1}, {"sku": "85123A", "quantity": 7}]))
        self.assertEqual(self.quarantine(), [(1, "refund_exceeds_order")])
        self.assertIsNone(self.sales("2011-01-07"))

    def test_a_revision_fits_the_refunds_again(self):
        self.post(shop.purchase(1, [shop.line(quantity=6)]), shop.refund("r1", 1, [{"sku": "85123A", "quantity": 4}]),
                  shop.refund("r2", 1, [{"sku": "85123A", "quantity": 1}]))
        self.assert_sales("2011-01-07", units_returned=5, return_orders=1)
        self.post(shop.revision(1, 1, [shop.line(quantity=2)]))
        self.assertEqual(self.quarantine(), [(1, "refund_exceeds_order")])
        self.assert_sales("2011-01-07", units_returned=1)

    def test_a_refunded_fee_lowers_the_fees(self):
        self.post(shop.purchase(1, [shop.line(), shop.line("post", 1, "4.95")]),
                  shop.refund("r1", 1, [{"sku": "POST", "quantity": 1}]))
        self.assert_sales(fees="4.95", units_sold=6)
        self.assert_sales("2011-01-07", fees="-4.95", units_returned=0, return_orders=0)

    def test_a_cancellation_takes_the_order_and_its_refunds_out_for_good(self):
        self.post(shop.purchase(1), shop.purchase(2), shop.refund("r1", 1, [{"sku": "85123A", "quantity": 1}]),
                  shop.cancellation("c1", 1))
        self.assert_sales(transactions=1, gross_sales="15.30")
        self.assertIsNone(self.sales("2011-01-07"))
        self.assertIsNone(self.sales("2011-01-09"))
        self.post(shop.refund("r2", 1, [{"sku": "85123A", "quantity": 1}]), shop.revision(1, 5, [shop.line()]))
        self.assertEqual(self.quarantine(), [(4, "order_cancelled"), (5, "order_cancelled")])
        self.assertEqual(self.node.get("/v1/silver/orders/o1").json["rows"][0]["status"], "cancelled")

    def test_what_comes_before_its_order_waits_for_it(self):
        self.post(shop.refund("r1", 1, [{"sku": "85123A", "quantity": 1}]), shop.cancellation("c2", 2))
        self.assertEqual(self.quarantine(), [(0, "unknown_order"), (1, "unknown_order")])
        self.post(shop.purchase(1), shop.purchase(2))
        self.assertEqual(self.quarantine(), [])
        self.assert_sales(transactions=1)
        self.assert_sales("2011-01-07", returns="2.55", units_returned=1)

    def test_kinds_of_lines(self):
        self.post(shop.purchase(1, [shop.line(quantity=-2, unit_price="5"), shop.line("71053", 3, "0"),
                                    shop.line("22423", -4, "0"), shop.line("POST", -1, "18")]))
        self.assert_sales(transactions=0, units_sold=0, units_returned=2, returns="10.00", free_units=3, fees="-18.00",
                          return_orders=1, customers=1, average_order_value=None)

    def test_customers_are_fixed_when_the_order_is_applied(self):
        for number in range(6):
            self.post(shop.purchase(number, [shop.line("71053", 1, "1")], customer={"id": "c", "country": "FR"}))
        types = {row["customer_type"]: row["orders"] for row in self.node.gold("product_popularity")}
        self.assertEqual(types, {"new": 1, "returning": 4, "loyal": 1})
        self.post({"event_id": "crm", "type": "customer", "occurred_at": "2011-01-01T00:00:00Z", "customer_id": "c",
                   "customer": {"id": "c", "type": "wholesale", "country": "Spain"}},
                  shop.purchase(7, [shop.line("71053", 1, "1")], customer={"id": "c"}))
        types = {row["customer_type"]: row["orders"] for row in self.node.gold("product_popularity")}
        self.assertEqual(types, {"new": 1, "returning": 4, "loyal": 1, "wholesale": 1})
        self.assertEqual({row["country"]: row["transactions"] for row in self.node.gold("daily_sales")}, {"FR": 6, "ES": 1})

    def test_a_corrected_retry_closes_the_quarantined_event(self):
        self.post(shop.purchase(1, [shop.line(unit_price="-1")]))
        answer = self.node.retry(0)
        self.assertEqual(answer.status, 200, answer)
        result, = answer.json["results"]
        self.assertEqual((result["status"], result["code"], result["offset"]), ("quarantined", "negative_price", 1))
        row, = self.node.rows("/v1/quarantine")
        self.assertEqual((row["offset"], row["rule"]), (0, "negative_price"))
        self.assertEqual((row["retries"], row["retry_rule"]), ([1], "negative_price"))
        self.assertIsNone(self.sales())
        answer = self.node.retry(0, shop.purchase(1, [shop.line(unit_price="1")]))
        self.assertEqual(answer.status, 200, answer)
        result, = answer.json["results"]
        self.assertEqual((result["status"], result["offset"]), ("accepted", 2))
        self.assert_sales(gross_sales="6.00")
        self.assertEqual(self.quarantine(), [])

    def test_silver_rows_say_where_they_came_from(self):
        self.post(shop.purchase(1, [shop.line(" 85123a ", description="  WHITE   HEART ")]))
        order = self.node.get("/v1/silver/orders/o1").json["rows"][0]
        self.assertEqual((order["country"], order["currency"]), ("GB", "GBP"))
        self.assertIn(0, order["offsets"])
        line = self.node.get("/v1/silver/order_lines", order_id="o1").json["rows"][0]
        self.assertEqual((line["sku"], line["description"], line["kind"]), ("85123A", "WHITE HEART", "sale"))
        self.assertTrue({"trim_text", "upper_case_sku"} <= set(line["rules"] + order["rules"]), (line, order))
