"""Silver's tables customers, products and quarantine: filters, ranges, and pages while writes go on."""
import lode
import shop

CUSTOMERS, PRODUCTS, BROKEN = 510, 490, 70  # the first two fill an epoch; the rest begins the next
COUNTRIES = ["France", "IT", "Netherlands"]
CODES = ["FR", "IT", "NL"]
BROKEN_LINES = [{"unit_price": "-1"}, {"quantity": 0}]
RULES = ["negative_price", "zero_quantity"]


def customer(n, **more):
    return {"event_id": f"c{n}", "type": "customer", "source": ["crm", "shop"][n % 2], "customer_id": f"c{n}",
            "occurred_at": "2011-01-01T00:00:00Z", "country": COUNTRIES[n % 3], "customer_type": ["retail", "vip"][n % 2],
            "email": f"c{n}@example.com", **more}


def product(n, **more):
    return {"event_id": f"s{n}", "type": "product", "source": ["erp", "web"][n % 2], "sku": f"s{n:03}",
            "occurred_at": "2011-01-01T00:00:00Z", "description": f" thing  {n}", "category": ["home", "toys, small"][n % 2],
            **more}


def broken(n, **more):
    return shop.purchase(n, [shop.line(**BROKEN_LINES[n % 2])], event_id=f"b{n}", order_id=f"b{n}",
                         occurred_at=f"2011-02-{n % 28 + 1:02}T{n % 24:02}:00:00Z", source=["web", "pos"][n % 2], **more)


class Tables(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started("--state-epoch-events", "1000")
        for events in ([customer(n) for n in range(CUSTOMERS)] + [product(n) for n in range(PRODUCTS)],
                       [broken(n) for n in range(BROKEN)]):
            done = self.node.post_ndjson(events)
            self.assertEqual((done.status, done.json["accepted"]), (200, len(events)), done)
        self.first_broken = CUSTOMERS + PRODUCTS

    def test_filters_of_customers(self):
        row = self.node.get("/v1/silver/customers/c4").json["rows"][0]
        self.assertEqual(row, {"customer_id": "c4", "type": "retail", "country": "IT", "orders": 0, "source": "crm",
                               "offsets": [4], "rules": []})
        for filters, numbers in [
                ({}, range(CUSTOMERS)), ({"customer_id": "c3"}, [3]), ({"customer_id": "c7,nobody,c3,c7"}, [3, 7]),
                ({"country": "FR"}, range(0, CUSTOMERS, 3)), ({"country": "FR,NL"}, [n for n in range(CUSTOMERS) if n % 3 != 1]),
                ({"type": "vip"}, range(1, CUSTOMERS, 2)), ({"source": "crm", "country": "IT"}, range(4, CUSTOMERS, 6)),
                ({"customer_id": "c3,c4", "country": "IT"}, [4]), ({"country": "DE"}, [])]:
            with self.subTest(filters=filters):
                self.assertEqual([row["customer_id"] for row in self.node.rows("/v1/silver/customers", **filters)],
                                 [f"c{n}" for n in numbers])

    def test_filters_of_products(self):
        row = self.node.get("/v1/silver/products/S001").json["rows"][0]
        self.assertEqual((row["sku"], row["description"], row["category"], row["source"], row["offsets"]),
                         ("S001", "thing 1", "toys, small", "web", [CUSTOMERS + 1]))
        self.assertEqual(row["rules"], ["trim_text", "upper_case_sku"])
        for filters, numbers in [
                ({}, range(PRODUCTS)), ({"sku": "S005,S002"}, [2, 5]), ({"sku": "s005"}, []),
                ({"category": "home"}, range(0, PRODUCTS, 2)), ({"category": "toys, small"}, range(1, PRODUCTS, 2)),
                ({"source": "erp,web"}, range(PRODUCTS)), ({"source": "web", "category": "home"}, [])]:
            with self.subTest(filters=filters):
                self.assertEqual([row["sku"] for row in self.node.rows("/v1/silver/products", **filters)],
                                 [f"S{n:03}" for n in numbers])

    def test_filters_and_ranges_of_quarantine(self):
        first = self.first_broken
        row = self.node.get(f"/v1/silver/quarantine/{first + 3}").json["rows"][0]
        self.assertEqual(row, {"offset": first + 3, "rule": "zero_quantity", "type": "purchase", "source": "pos",
                               "event_id": "b3", "order_id": "b3", "occurred_at": "2011-02-04T03:00:00Z", "retries": [],
                               "retry_rule": None})
        for filters, numbers in [
                ({}, range(BROKEN)), ({"offset": first + 9}, [9]), ({"offset": f"{first + 9},{first},1"}, [0, 9]),
                ({"rule": "negative_price"}, range(0, BROKEN, 2)), ({"rule": "unknown_currency"}, []),
                ({"type": "purchase", "source": "pos"}, range(1, BROKEN, 2)), ({"type": "refund"}, []),
                ({"event_id": "b1,b2", "order_id": "b2"}, [2]), ({"occurred_at": "2011-02-03"}, [2, 30, 58]),
                ({"occurred_at": "2011-02-27.."}, [26, 27, 54, 55]), ({"occurred_at": "..2011-02-01"}, [0, 28, 56]),
                ({"occurred_at": "2011-02-02T01:00:00Z..2011-02-02T05:00:00Z"}, [1, 29]),
                ({"occurred_at": "2011-02-02..2011-02-03", "rule": "zero_quantity"}, [1, 29, 57])]:
            with self.subTest(filters=filters):
                for path in ("/v1/silver/quarantine", "/v1/quarantine"):
                    self.assertEqual([row["event_id"] for row in self.node.rows(path, **filters)],
                                     [f"b{n}" for n in numbers])

    def pages(self, path, key, between, limit=29, **parameters):
        """The keys of all pages in order; `between` writes after each page. Positions never go back."""
        seen, position = [], 0
        while True:
            page = self.node.get(path, limit=limit, **parameters)
            self.assertEqual(page.status, 200, page)
            self.assertGreaterEqual(page.json["meta"]["as_of_offset"], position)
            position = page.json["meta"]["as_of_offset"]
            seen += [row[key] for row in page.json["rows"]]
            parameters["cursor"] = page.json.get("next_cursor")
            if not parameters["cursor"]:
                self.assertEqual(len(seen), len(set(seen)), "a row came twice")
                return seen
            self.assertEqual(between().status, 200)

    def test_pages_of_customers_while_writes_go_on(self):
        number = iter(range(1000, 9000))

        def write():  # a new one, one changed on a page seen and one on a page to come, and an order of each
            n = next(number)
            later = {"occurred_at": "2011-01-02T00:00:00Z", "event_id": f"later{n}"}
            return self.node.post([customer(n), customer(1, **later), customer(505, **later, source="later"),
                                   shop.purchase(n, customer={"id": "c2"}), shop.purchase(-n, customer={"id": "c508"})])

        everyone = [f"c{n}" for n in range(CUSTOMERS)]
        seen = self.pages("/v1/silver/customers", "customer_id", write)
        self.assertEqual([name for name in seen if int(name[1:]) < 1000], everyone)
        seen = self.pages("/v1/silver/customers", "customer_id", write, country="FR,IT")
        self.assertEqual([name for name in seen if int(name[1:]) < 1000], [name for name in everyone if int(name[1:]) % 3 != 2])
        chosen = self.pages("/v1/silver/customers", "customer_id", write, customer_id=",".join(reversed(everyone)))
        self.assertEqual(chosen, everyone)

    def test_pages_of_products_while_writes_go_on(self):
        number = iter(range(500, 1000))

        def write():
            n = next(number)
            return self.node.post([product(n), shop.purchase(n, [shop.line("S001"), shop.line("S477"), shop.line(f"T{n}")]),
                                   product(489, event_id=f"later{n}", description=f"later {n}",
                                           occurred_at="2011-01-02T00:00:00Z")])

        seen = self.pages("/v1/silver/products", "sku", write)
        self.assertEqual([sku for sku in seen if sku < "S490"], [f"S{n:03}" for n in range(PRODUCTS)])
        seen = self.pages("/v1/silver/products", "sku", write, category="home")
        self.assertEqual([sku for sku in seen if sku < "S490"], [f"S{n:03}" for n in range(0, PRODUCTS, 2)])

    def test_pages_of_quarantine_while_rows_come_and_go(self):
        first, closed, number = self.first_broken, [], iter(range(100, 1000))

        def write():  # one that has been seen is closed, one that is to come too, and a new one comes
            for offset in (first + len(closed), first + BROKEN - 1 - len(closed)):
                event = broken(offset - first)
                event["lines"] = [shop.line()]
                done = self.node.request("POST", f"/v1/quarantine/{offset}/retry", lode.json.dumps(event),
                                         {"Content-Type": "application/json"})
                self.assertEqual((done.status, done.json["results"][0]["status"]), (200, "accepted"), done)
                closed.append(offset)
            return self.node.post(broken(next(number)))

        seen = self.pages("/v1/silver/quarantine", "offset", write, limit=7)
        left = [row["offset"] for row in self.node.rows("/v1/silver/quarantine")]
        self.assertTrue(closed)
        self.assertEqual(set(closed) & set(left), set())
        self.assertEqual(set(left) - set(seen), set())
        self.assertEqual(seen, sorted(seen))
        self.assertEqual([offset for offset in seen if offset not in closed and offset < first + BROKEN],
                         [offset for offset in left if offset < first + BROKEN])
