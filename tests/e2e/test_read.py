"""Reads: filters, roll-ups, pages, formats, positions, the catalogue, and the description against the server."""
import csv
import io
import json
import shutil
import subprocess
import threading
import unittest

import lode
import shop


class Reads(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started()

    def load_countries(self):
        events = []
        for number, (country, currency, day) in enumerate([("GB", "GBP", 5), ("FR", "EUR", 5), ("DE", "EUR", 6),
                                                           ("GB", "GBP", 6), ("FR", "EUR", 7)]):
            events.append(shop.purchase(number, [shop.line(quantity=number + 1, unit_price="10")], currency=currency,
                                        occurred_at=f"2011-01-0{day}T12:00:00Z",
                                        customer={"id": "same", "country": country}))
        self.assertEqual(self.node.post(events).status, 200)

    def test_filters_and_ranges(self):
        self.load_countries()
        cases = [({"country": "FR"}, 2), ({"country": "GB,DE"}, 3), ({"day": "2011-01-05..2011-01-06"}, 4),
                 ({"day": "2011-01-06.."}, 3), ({"day": "2011-01-07", "country": "FR"}, 1), ({"country": "IT"}, 0)]
        for filters, count in cases:
            with self.subTest(filters=filters):
                self.assertEqual(len(self.node.gold("daily_sales", **filters)), count)

    def test_a_roll_up_counts_distinct_things_once(self):
        self.load_countries()
        rows = {row["country"]: row for row in self.node.gold("daily_sales", group_by="country,currency")}
        self.assertEqual((rows["FR"]["transactions"], rows["FR"]["customers"], rows["FR"]["gross_sales"]), (2, 1, "70.00"))
        self.assertEqual(rows["FR"]["average_price"], "10.000000")
        rows = {row["currency"]: row for row in self.node.gold("daily_sales", group_by="currency")}
        self.assertEqual((rows["EUR"]["transactions"], rows["EUR"]["customers"], rows["EUR"]["net_sales"]), (3, 1, "100.00"))

    def test_money_of_several_currencies_is_not_added(self):
        self.load_countries()
        self.assert_problem(self.node.get("/v1/gold/daily_sales", group_by="day"), 422, "mixed_currencies")
        rows = self.node.get("/v1/gold/daily_sales", group_by="day", currency="EUR").json["rows"]
        self.assertEqual([row["gross_sales"] for row in rows], ["20.00", "30.00", "50.00"])

    def test_order_by_and_limit(self):
        self.load_countries()
        answer = self.node.get("/v1/gold/daily_sales", order_by="-units_sold", limit=2).json
        self.assertEqual([row["units_sold"] for row in answer["rows"]], [5, 4])
        self.assertNotIn("next_cursor", answer)

    def test_every_page_once_while_writes_go_on(self):
        self.node.post([shop.purchase(n, [shop.line(f"S{n:04}")]) for n in range(400)])
        seen, cursor, number = [], None, 400
        while True:
            page = self.node.get("/v1/gold/daily_product_sales", limit=37, **({"cursor": cursor} if cursor else {})).json
            seen += [row["sku"] for row in page["rows"]]
            cursor = page.get("next_cursor")
            if not cursor:
                break
            self.node.post([shop.purchase(number, [shop.line(f"S{number % 400:04}"), shop.line(f"N{number:04}")])])
            number += 1
        self.assertEqual([sku for sku in seen if sku < "N" or sku >= "S"], [f"S{n:04}" for n in range(400)])
        self.assertEqual(len(seen), len(set(seen)))

    def test_formats(self):
        self.load_countries()
        as_json = self.node.get("/v1/gold/daily_sales").json
        self.assertEqual(as_json["meta"]["view"], "daily_sales")
        for member in ("as_of_offset", "as_of_time", "lag_ms", "view_version"):
            self.assertIn(member, as_json["meta"])
        lines = self.node.request("GET", "/v1/gold/daily_sales", headers={"Accept": "application/x-ndjson"}).lines
        self.assertEqual(lines, as_json["rows"])
        text = self.node.request("GET", "/v1/gold/daily_sales", headers={"Accept": "text/csv"}).text
        table = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual([row["gross_sales"] for row in table], [row["gross_sales"] for row in as_json["rows"]])

    def test_position_and_etag(self):
        self.load_countries()
        first = self.node.get("/v1/gold/daily_sales")
        self.assertEqual(first.headers["lode-applied-offset"], "4")
        self.assertTrue(first.headers["etag"].startswith('W/"'))
        again = {"If-None-Match": first.headers["etag"]}
        answer = self.node.request("GET", "/v1/gold/daily_sales", headers=again)
        self.assertEqual((answer.status, answer.body), (304, b""))
        self.node.post(shop.purchase(9))
        self.assertEqual(self.node.request("GET", "/v1/gold/daily_sales", headers=again).status, 200)

    def test_nothing_yet_and_the_first_record_have_two_tags(self):
        paths = ("/v1/gold/daily_sales", "/v1/silver/orders", "/v1/quality", "/v1/log")
        tags = {path: self.node.get(path).headers["etag"] for path in paths}
        self.assertEqual({view["changed_offset"] for view in self.node.get("/v1/status").json["views"]}, {None})
        self.node.post(shop.purchase(1))
        for path in paths:
            answer = self.node.request("GET", path, headers={"If-None-Match": tags[path]})
            self.assertEqual(answer.status, 200, path)
        self.assertEqual({view["changed_offset"] for view in self.node.get("/v1/status").json["views"]}, {0})

    def test_parameters_are_one_thing_everywhere(self):
        self.node.post(shop.purchase(1, customer={"id": "c1", "country": "DE"}))
        for path in ("/v1/gold/daily_sales?country=de&country=fr", "/v1/silver/orders?order_id=x&order_id=y",
                     "/v1/log?from=0&from=5", "/v1/log/0?include=contact&include=contact", "/v1/quality?source=a&source=b",
                     "/v1/quarantine?limit=1&limit=2", "/v1/quarantine?include=event&include=contact",
                     "/v1/views?min_offset=0&min_offset=0",
                     "/v1/gold/daily_sales?wait_ms=1&wait_ms=2"):
            self.assert_problem(self.node.request("GET", path), 400, "invalid_parameter")
        for path in ("/v1/silver/orders/o1?limit=1", "/v1/views?limit=1", "/v1/log?form=0", "/v1/quality?day=2011-01-01"):
            self.assert_problem(self.node.request("GET", path), 400, "unknown_parameter")
        for path in ("/v1/gold/daily_sales?country=de", "/v1/silver/orders?country=de"):
            self.assertEqual(len(self.node.request("GET", path).json["rows"]), 1, path)

    def test_every_read_names_its_view(self):
        self.node.post(shop.purchase(1))
        for path, view in (("/v1/silver/orders", "orders"), ("/v1/silver/orders/o1", "orders"), ("/v1/log", "log"),
                           ("/v1/quality", "quality"), ("/v1/quarantine", "quarantine"), ("/v1/log/0", "log")):
            meta = self.node.get(path).json["meta"]
            self.assertEqual((meta["view"], meta["view_version"]), (view, 1), path)

    def test_a_view_has_one_version_everywhere(self):
        listed = {view["name"]: view["version"] for view in self.node.get("/v1/views").json["rows"]}
        self.assertEqual({view["name"]: view["version"] for view in self.node.get("/v1/status").json["views"]}, listed)
        for name, version in listed.items():
            self.assertEqual(self.node.get(f"/v1/gold/{name}").json["meta"]["view_version"], version)

    def test_etags_across_restarts(self):
        self.node.post([shop.purchase(1, [shop.line(), shop.line("POST", 1, "5")]), shop.purchase(2)])
        paths = ["/v1/gold/daily_sales", "/v1/gold/daily_sales?group_by=currency", "/v1/gold/customer_insights",
                 "/v1/silver/orders", "/v1/silver/order_lines", "/v1/silver/order_lines/o1/1", "/v1/quality"]

        def answers(tags=None):
            return {path: self.node.request("GET", path, headers={"If-None-Match": tags[path]} if tags else {})
                    for path in paths}

        def assert_unchanged(tags):
            for path, answer in answers(tags).items():
                self.assertEqual((answer.status, answer.body, answer.headers["etag"]), (304, b"", tags[path]), path)
                self.assertEqual(answer.headers["lode-applied-offset"], "1")

        before = answers()
        tags = {path: answer.headers["etag"] for path, answer in before.items()}
        assert_unchanged(tags)
        for end in (self.node.stop, self.node.kill):
            end()
            self.node.start()
            assert_unchanged(tags)

        self.node.stop()
        self.node.flags = ["--silver-fee-skus", "POST"]
        self.node.start()
        for path, answer in answers(tags).items():
            self.assertEqual(answer.status, 200, path)
            self.assertNotEqual(answer.headers["etag"], tags[path])
        self.assertEqual(self.node.gold("daily_sales")[0]["fees"], "5.00")
        assert_unchanged({path: answer.headers["etag"] for path, answer in answers().items()})

        self.node.stop()
        self.node.flags = []
        self.node.start()
        for path, answer in answers().items():
            self.assertEqual(answer.json["rows"], before[path].json["rows"])

    def test_every_answer_says_where_the_state_stood(self):
        self.load_countries()
        gold, orders, order = "/v1/gold/daily_sales", "/v1/silver/orders", "/v1/silver/orders/o1"
        cases = [(200, gold), (200, orders), (200, order), (404, "/v1/gold/nothing"), (404, "/v1/silver/nothing"),
                 (404, "/v1/silver/orders/nothing"), (404, "/v1/silver/order_lines/o1/9"), (404, "/v1/log/99"),
                 (400, "/v1/log/x"), (422, gold + "?group_by=day"), (406, gold, "image/png"),
                 (422, gold + "?group_by=day", "text/event-stream"), (400, gold + "?cursor=x", "text/event-stream"),
                 (404, "/v1/gold/nothing", "text/event-stream"), (400, "/v1/log?from=x", "text/event-stream")]
        for path in (gold, orders, order, "/v1/silver/order_lines/o1/0", "/v1/quarantine", "/v1/quality", "/v1/views"):
            cases += [(400, f"{path}?{wrong}") for wrong in ("colour=red", "min_offset=x", "wait_ms=-1", "consistency=x")]
            cases += [(503, f"{path}?min_offset=9&wait_ms={wait}") for wait in (0, 20)]
            cases += [(200, f"{path}?consistency={consistency}") for consistency in ("local", "linearizable")]
        for path in (gold, orders):
            cases += [(400, f"{path}?{wrong}") for wrong in ("limit=0", "cursor=x", "country=nowhere")]
        for status, path, *accept in cases:
            for method in ("GET", "HEAD") if not accept else ("GET",):
                with self.subTest(path=path, method=method):
                    answer = self.node.request(method, path, headers={"Accept": accept[0]} if accept else {})
                    self.assertEqual(answer.status, status, answer)
                    self.assertEqual(answer.headers.get("lode-applied-offset"), "4")
        answer = self.node.request("GET", gold, "{}")
        self.assertEqual((answer.status, answer.headers.get("lode-applied-offset")), (400, "4"))

    def test_min_offset(self):
        self.load_countries()
        self.assertEqual(self.node.get("/v1/gold/daily_sales", min_offset=4).status, 200)
        self.assert_problem(self.node.get("/v1/gold/daily_sales", min_offset=5, wait_ms=50), 503, "not_caught_up")
        answers = []
        port = self.node.port

        def wait():
            reader = lode.Server(self.folder)
            reader.port = port
            answers.append(reader.get("/v1/gold/daily_sales", min_offset=5, wait_ms=20000))
            reader.close()

        waiter = threading.Thread(target=wait)
        waiter.start()
        self.node.post(shop.purchase(5))
        waiter.join()
        self.assertEqual(answers[0].status, 200)
        self.assertGreaterEqual(answers[0].json["meta"]["as_of_offset"], 5)

    def test_what_cannot_be_read_says_so(self):
        self.load_countries()
        for path in ("/v1/gold/nothing", "/v1/silver/nothing", "/v1/log/99", "/v1/silver/orders/nothing"):
            with self.subTest(path=path):
                answer = self.node.get(path)
                self.assertEqual(answer.status, 404, answer)
                self.assertEqual(answer.headers["content-type"].split(";")[0], "application/problem+json")
        for name, value in [("limit", "0"), ("limit", "10001"), ("limit", "x"), ("cursor", "abc"), ("colour", "red"),
                            ("group_by", "colour"), ("order_by", "colour"), ("min_offset", "-7")]:
            with self.subTest(name=name, value=value):
                answer = self.node.get("/v1/gold/daily_sales", **{name: value})
                self.assertEqual(answer.status, 400, answer)
                self.assertEqual(answer.json["pointer"], "/" + name, answer)

    def test_log(self):
        self.load_countries()
        rows = self.node.get("/v1/log", **{"from": 2, "limit": 2}).json["rows"]
        self.assertEqual([row["offset"] for row in rows], [2, 3])
        self.assertEqual(rows[0]["event"]["event_id"], "p2")
        self.assertEqual(self.node.get("/v1/log/4").status, 200)

    def test_catalogue_status_quality_and_probes(self):
        self.load_countries()
        views = {view["name"]: view for view in self.node.get("/v1/views").json["rows"]}
        self.assertEqual(set(views), set(lode_views()))
        self.assertEqual(self.node.get("/v1/status").status, 200)
        self.assertIn("rows", self.node.get("/v1/quality").json)
        for path in ("/livez", "/readyz", "/readyz?verbose", "/"):
            self.assertEqual(self.node.get(path).status, 200, path)

    @unittest.skipUnless(shutil.which("promtool"), "promtool (Debian package prometheus) is not installed")
    def test_metrics_pass_promtool(self):
        self.load_countries()
        metrics = self.node.get("/metrics")
        self.assertEqual(metrics.status, 200)
        checked = subprocess.run(["promtool", "check", "metrics"], input=metrics.body, capture_output=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        names = {line.split("{")[0].split(" ")[0] for line in metrics.text.splitlines() if not line.startswith("#")}
        self.assertTrue(any("lag" in name and name.endswith("_seconds") for name in names), sorted(names))
        self.assertTrue(any("lag" in name and name.endswith("_offsets") for name in names), sorted(names))


def lode_views():
    return ["daily_sales", "daily_product_sales", "customer_product_affinity", "product_popularity", "customer_insights"]


PLACES = {"view": "daily_sales", "table": "orders", "key": "o1", "offset": "2", "order_id": "o1", "line": "0"}
# A value for each parameter that a GET may describe; a cursor is one that the server gave.
VALUES = {"group_by": "country,currency", "order_by": "-units_sold", "limit": 1, "min_offset": 0, "wait_ms": 1, "from": 0,
          "consistency": "linearizable", "include": "contact", "verbose": "", "offset": 2, "rule": "negative_price", "type": "purchase", "source": "web",
          "event_id": "p2", "order_id": "o2", "occurred_at": "2011-01-01..2011-01-31",
          "received_at": "2011-01-01..", "measure": "net_sales", "without_effect": "true"}
# Of one path other ones.
OTHER_VALUES = {("/v1/quarantine", "group_by"): "rule,source"}
# What `filter` stands for: the columns of each table of silver; a view's are its keys.
FILTERS = {"orders": {"order_id": "o1", "status": "open", "occurred_at": shop.DAY, "country": "GB", "currency": "GBP",
                      "customer_id": "17850", "customer_type": "new", "channel": "web", "source": "web"},
           "order_lines": {"order_id": "o1", "sku": "85123A", "category": "home", "kind": "sale", "status": "open",
                           "occurred_at": shop.DAY, "country": "GB", "currency": "GBP", "customer_id": "17850",
                           "customer_type": "new", "source": "web"},
           "customers": {"customer_id": "17850", "type": "new", "country": "GB", "source": "web"},
           "products": {"sku": "85123A", "category": "home", "source": "web"},
           "quarantine": {name: VALUES[name] for name in ("offset", "rule", "type", "source", "event_id", "order_id",
                                                          "occurred_at")}}
KEYS = {"day": shop.DAY, "country": "GB", "currency": "GBP", "sku": "85123A", "customer_id": "17850",
        "customer_type": "new"}


class Description(lode.LodeTest):
    """/openapi.json against the server that serves it."""

    def setUp(self):
        super().setUp()
        self.node = self.started()
        self.node.post([shop.purchase(0, occurred_at="2011-01-04T10:00:00Z"), shop.purchase(1)])
        self.node.post([shop.purchase(n, [shop.line(unit_price="-1")]) for n in (2, 3)])
        self.description = self.node.get("/openapi.json").json
        task = self.node.request("POST", "/v1/admin/verify", "{}", {"Content-Type": "application/json"})
        self.assertEqual(task.status, 202, task)
        self.places = PLACES | {"id": task.json["id"]}

    def test_it_is_openapi_3_1_with_every_path_of_the_product(self):
        self.assertTrue(self.description["openapi"].startswith("3.1"))
        paths = set(self.description["paths"])
        expected = {"/v1/events", "/v1/gold/{view}", "/v1/silver/{table}", "/v1/silver/{table}/{key}", "/v1/log",
                    "/v1/log/{offset}", "/v1/quarantine", "/v1/quarantine/{offset}/retry", "/v1/quality", "/v1/views",
                    "/v1/status", "/livez", "/readyz", "/metrics", "/openapi.json", "/"}
        self.assertEqual(expected - paths, set())

    def test_every_get_it_describes_answers_as_described(self):
        for path, methods in self.description["paths"].items():
            if "get" not in methods:
                continue
            with self.subTest(path=path):
                answer = self.node.get(path.format(**self.places))
                described = methods["get"]["responses"]
                self.assertIn(str(answer.status), described, path)
                if path in ("/v1/cluster", "/v1/ruleset") and answer.status == 404:
                    self.assert_problem(answer, 404, "no_cluster")
                    continue
                self.assertEqual(answer.status, 200, answer)
                content = described["200"].get("content")
                if content:
                    self.assertIn(answer.headers["content-type"].split(";")[0], content)

    def test_every_path_it_does_not_describe_is_404_and_methods_405(self):
        self.assertEqual(self.node.get("/v1/undescribed").status, 404)
        for path, methods in self.description["paths"].items():
            if "{" in path:
                continue
            if "post" not in methods:
                self.assertEqual(self.node.request("POST", path, "{}").status, 405, path)
            if "get" not in methods:
                self.assertEqual(self.node.get(path).status, 405, path)

    def test_every_query_parameter_it_describes_is_taken(self):
        for path, methods in self.description["paths"].items():
            for parameter in methods.get("get", {}).get("parameters", []):
                parameter = self.resolve(parameter)
                if parameter["in"] != "query" or "additionalProperties" in parameter["schema"]:
                    continue
                name, place = parameter["name"], path.format(**self.places)
                with self.subTest(path=path, parameter=name):
                    value = self.node.get(place, limit=1).json["next_cursor"] if name == "cursor" else OTHER_VALUES.get((path, name), VALUES.get(name))
                    answer = self.node.get(place, **{name: value})
                    self.assertEqual(answer.status, 200, answer)

    def test_every_column_to_filter_by_is_taken_and_no_other(self):
        self.assertEqual([path for path, methods in self.description["paths"].items()
                          if any("additionalProperties" in parameter["schema"]
                                 for parameter in methods.get("get", {}).get("parameters", []))],
                         ["/v1/explain/gold/{view}", "/v1/gold/{view}", "/v1/silver/{table}"])
        tables = {f"/v1/silver/{table}": filters for table, filters in FILTERS.items()}
        for view in self.node.get("/v1/views").json["rows"]:
            for path in ("gold", "explain/gold"):
                tables[f"/v1/{path}/{view['name']}"] = {key: KEYS[key] for key in view["keys"]}
        for path, filters in tables.items():
            rows = self.node.get(path).json["rows"]
            for name, value in filters.items():
                with self.subTest(path=path, parameter=name):
                    self.assertEqual(self.node.get(path, **{name: value}).status, 200)
            for name in (set(rows[0]) | {"colour", "filter", ""}) - set(filters):
                with self.subTest(path=path, parameter=name):
                    answer = self.node.get(path, **{name: "1"})
                    self.assert_problem(answer, 400, "unknown_parameter", "/" + name)

    def test_a_parameter_that_it_does_not_describe_is_refused(self):
        for path, methods in self.description["paths"].items():
            place = path.format(**self.places)
            for method in methods:
                for name in ("colour", "Limit", "verbos", ""):
                    with self.subTest(path=path, method=method, parameter=name):
                        answer = self.node.request(method.upper(), f"{place}?{name}=1",
                                                   json.dumps(shop.purchase(9)) if method == "post" else None)
                        self.assert_problem(answer, 400, "unknown_parameter", "/" + name)
        self.assertEqual(self.node.get("/v1/status").json["applied"]["offset"], 3)

    def resolve(self, node):
        while "$ref" in node:
            target = self.description
            for part in node["$ref"].lstrip("#/").split("/"):
                target = target[part]
            node = target
        return node

    def test_every_reference_resolves(self):
        def walk(node):
            if isinstance(node, dict):
                if "$ref" in node:
                    self.resolve(node)
                for child in node.values():
                    walk(child)
            elif isinstance(node, list):
                for child in node:
                    walk(child)

        walk(self.description)
        self.assertGreater(len(json.dumps(self.description)), 2000)
