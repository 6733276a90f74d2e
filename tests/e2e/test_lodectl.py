"""lodectl against a real server: generate, import, query, quarantine, exit codes."""
import gzip
import json
import os

import lode
import shop
import twin

MAPPING = os.path.join(lode.ROOT, "config", "mappings", "online_retail.toml")
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


class Lodectl(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started()

    def lodectl(self, *arguments, stdin=None):
        return self.run_program("lodectl", "--server", self.node.url, *arguments, stdin=stdin)

    def import_json(self, *arguments, stdin=None):
        done = self.lodectl("--json", "import", *arguments, stdin=stdin)
        return done, json.loads(done.stdout.splitlines()[-1])

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return path

    def test_the_synthetic_shop_is_the_same_for_a_seed_and_has_everything(self):
        first = self.run_program("lodectl", "generate", "--seed", "7", "--orders", "3000", check=True)
        self.assertEqual(first.stdout, self.run_program("lodectl", "generate", "--seed", "7", "--orders", "3000").stdout)
        self.assertNotEqual(first.stdout, self.run_program("lodectl", "generate", "--seed", "8", "--orders", "3000").stdout)
        self.assertIn("ynthetic", first.stderr)
        events = [json.loads(line) for line in first.stdout.splitlines()]
        self.assertEqual({event["type"] for event in events}, {"purchase", "refund", "cancellation", "customer", "product"})
        self.assertGreater(len({event.get("currency") for event in events} - {None}), 3)
        keys = [(event.get("source"), event["event_id"]) for event in events]
        self.assertGreater(len(keys), len(set(keys)), "no duplicates")

    def test_generate_import_and_import_again(self):
        made = self.run_program("lodectl", "generate", "--orders", "2000", check=True).stdout.encode()
        done, counts = self.import_json("-", stdin=made)
        self.assertEqual(done.returncode, 0, done.stderr)
        before = {view: self.node.gold(view) for view in twin.VIEWS}
        self.assertGreaterEqual(len({row["country"] for row in before["daily_sales"]} - {"ZZ"}), 15)
        _, again = self.import_json("-", stdin=made)
        self.assertEqual((again["new"], again["already_there"]), (0, counts["new"] + counts["already_there"]))
        self.assertEqual({view: self.node.gold(view) for view in twin.VIEWS}, before)

    def test_compressed_files(self):
        for number, pack in enumerate((lambda data: data, gzip.compress, lode.zstd)):
            path = self.file(f"file{number}.ndjson{['', '.gz', '.zst'][number]}",
                             pack(json.dumps(shop.purchase(number)).encode() + b"\n"))
            _, counts = self.import_json(path)
            self.assertEqual(counts["new"], 1)
        self.assertEqual(self.node.gold("daily_sales")[0]["transactions"], 3)

    def test_bad_rows_are_named_by_line_and_the_rest_goes_in(self):
        path = self.file("shop.csv", HEADER + "1,A,MUG,6,2010-12-01 08:26:00,2.55,17850,France\n"
                         "2,B,MUG,x,2010-12-01 08:26:00,2.55,17850,France\n3,C,MUG,1,yesterday,2.55,17850,France\n"
                         "4,D,MUG,1,2010-12-01 09:00:00,1.00,,France\n")
        done, counts = self.import_json(path, "--mapping", MAPPING)
        self.assertEqual((done.returncode, counts["new"]), (1, 2), done.stderr)
        self.assertIn("line 3", done.stderr)
        self.assertIn("line 4", done.stderr)
        self.assertEqual(self.node.gold("daily_sales")[0]["gross_sales"], "16.30")

    def test_pages_from_a_cursor_on(self):
        self.node.post([shop.purchase(number, customer={"id": f"C{number}"}) for number in range(7)])
        first = json.loads(self.lodectl("--json", "query", "customer_insights", "--limit", "2").stdout)
        self.assertEqual(len(first["rows"]), 2)
        rest = self.lodectl("query", "customer_insights", "--limit", "2", "--cursor", first["next_cursor"], "--all",
                            "--format", "ndjson")
        self.assertEqual(rest.returncode, 0, rest.stderr)
        self.assertEqual(len(rest.stdout.splitlines()), 5)

    def test_query_and_the_other_reads(self):
        self.node.post([shop.purchase(1), shop.purchase(2, [shop.line(unit_price="-1")])])
        rows = json.loads(self.lodectl("--json", "query", "daily_sales", "country=GB").stdout)["rows"]
        self.assertEqual(rows[0]["gross_sales"], "15.30")
        self.assertIn("15.30", self.lodectl("query", "daily_sales").stdout)
        self.assertEqual(self.lodectl("query", "daily_sales", "country=").returncode, 2)  # not: of every country
        self.assertIn("negative_price", self.lodectl("quarantine", "list").stdout)
        for words in (["status"], ["views"], ["quality"], ["quarantine", "show", "1"]):
            done = self.lodectl(*words)
            self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")
            self.assertTrue(done.stdout)

    def test_exit_codes(self):
        self.assertEqual(self.lodectl("status").returncode, 0)
        self.assertEqual(self.lodectl("query", "nothing").returncode, 1)
        self.assertEqual(self.lodectl("qery", "daily_sales").returncode, 2)
        self.assertIn("query", self.lodectl("qery", "daily_sales").stderr)
        self.assertEqual(self.run_program("lodectl", "--server", f"127.0.0.1:{lode.free_port()}", "status").returncode, 3)
        self.assertEqual(self.run_program("lodectl", "--help").returncode, 0)
