"""lodectl against a real server: generate, import, query, quarantine, exit codes."""
import gzip
import json
import os
import signal
import subprocess

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

    def tail(self, *arguments):
        tail = subprocess.Popen([lode.program("lodectl"), "--server", self.node.url, "tail", *arguments],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=lode.clean_environment())
        self.addCleanup(tail.stdout.close)
        self.addCleanup(tail.wait)
        self.addCleanup(tail.kill)
        return lambda: json.loads(tail.stdout.readline())

    def restarted(self, meanwhile):
        """Stops the node, and starts it again on its port; `meanwhile` changes what it has before anybody else is back."""
        port, tcp_port = self.node.port, self.node.tcp_port
        self.node.stop()
        self.node.start()  # elsewhere
        meanwhile()
        self.node.stop()
        self.node.begin = lambda: lode.Server.begin_at(self.node, port, tcp_port)
        self.node.start()

    def test_a_tail_goes_on_after_a_restart(self):
        self.node.post([shop.purchase(1), shop.purchase(2, occurred_at="2024-02-02T10:00:00Z")])
        log, view = self.tail("--from", "0"), self.tail("daily_sales")
        self.assertEqual([log()["offset"], log()["offset"]], [0, 1])
        days = [view()["day"], view()["day"]]
        self.restarted(lambda: self.node.post([shop.purchase(3), {
            "event_id": "c", "type": "cancellation", "source": "shop", "occurred_at": "2024-02-02T11:00:00Z",
            "order_id": shop.purchase(2)["order_id"]}]))
        self.assertEqual([log()["offset"], log()["offset"]], [2, 3])
        changed = view()
        self.assertEqual((changed["day"], changed["transactions"]), (min(set(days) - {"2024-02-02"}), 2))
        self.node.post([shop.purchase(4)])
        self.assertEqual(view()["removed"]["day"], "2024-02-02")
        self.assertEqual((log()["offset"], view()["transactions"]), (4, 3))

    def test_an_import_keeps_the_files_order(self):
        lines = []
        for number in range(300):
            lines += [shop.purchase(number), {**shop.purchase(number), "event_id": f"r{number}", "revision": 1}]
        path = self.file("orders.ndjson", "".join(json.dumps(line) + "\n" for line in lines))
        done, counts = self.import_json(path, "--batch", "7")
        self.assertEqual((done.returncode, counts["new"], counts["quarantined"]), (0, 600, {}), done.stderr)

    def test_ctrl_c_says_how_far_an_import_came(self):
        first, second = (json.dumps(shop.purchase(number)).encode() + b"\n" for number in (1, 2))
        running = subprocess.Popen([lode.program("lodectl"), "--server", self.node.url, "import", "-", "--batch", "1"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=lode.clean_environment())
        running.stdin.write(first + b" " * (1 << 18))  # what is read comes in pieces
        running.stdin.flush()
        lode.wait_for(lambda: self.node.log_records())
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 1, err)
        self.assertIn(b"1 new", out)
        self.assertIn(b"Run the same import again", err)
        _, counts = self.import_json("-", stdin=first + second)
        self.assertEqual((counts["new"], counts["already_there"]), (1, 1))

    def test_many_bad_rows_are_not_all_named(self):
        done, counts = self.import_json("-", stdin=b"nothing\n" * 100)
        self.assertEqual((done.returncode, counts["rejected"]), (1, 100))
        self.assertEqual(done.stderr.count("line "), 20)
        self.assertIn("and 80 more bad rows", done.stderr)

    def test_quarantine_show_has_the_event_and_what_is_wrong(self):
        self.node.post([shop.purchase(1, [shop.line(unit_price="-1")])])
        shown = self.lodectl("quarantine", "show", "0").stdout
        self.assertIn("rule: negative_price", shown)
        self.assertIn("unit_price below 0", shown)
        self.assertIn('"unit_price":"-1"', shown.replace(" ", ""))
        row = json.loads(self.lodectl("--json", "quarantine", "show", "0").stdout)
        self.assertEqual((row["rule"], row["event"]["order_id"]), ("negative_price", shop.purchase(1)["order_id"]))
        self.assertEqual(self.lodectl("quarantine", "show", "1").returncode, 1)
        for command in ("list", "show", "retry"):
            self.assertIn(f"lodectl quarantine {command}", self.run_program("lodectl", "quarantine", command, "--help").stdout)

    def test_status_as_text(self):
        lines = self.lodectl("status").stdout.splitlines()
        self.assertIn("ready: yes", lines[0])
        for line in lines:
            name, value = line.split(": ", 1)
            self.assertTrue(value)
            self.assertNotIn("{", value)
        self.assertIn("views.daily_sales.version", "".join(lines))

    def test_completion(self):
        script = self.run_program("lodectl", "completion", "bash", check=True).stdout

        def complete(*words):
            typed = " ".join(f"'{word}'" for word in ("lodectl", *words))
            done = subprocess.run(["bash", "-c", f"{script}\nCOMP_WORDS=({typed}); COMP_CWORD={len(words)}; _lodectl; "
                                                 "printf '%s\\n' \"${COMPREPLY[@]}\""], capture_output=True, text=True, check=True)
            return done.stdout.split()
        self.assertEqual(complete("query", "--for"), ["--format"])
        self.assertEqual(complete("query", "--format", ""), ["table", "csv", "json", "ndjson"])
        self.assertEqual(complete("quarantine", "list", "--he"), ["--help"])
        self.assertEqual(complete("quarantine", "re"), ["retry"])
        self.assertEqual(complete("cluster", "tr"), ["transfer"])

    def test_what_cannot_be_taken_back_is_asked_for(self):
        for command in (("remove", "3"), ("unsafe-recover",)):
            done = self.lodectl("cluster", *command)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn("say --yes", done.stderr)
        for wrong in (("remove",), ("remove", "0", "--yes"), ("add", "4"), ("add", "x=10.0.0.4:7072"), ("replace", "1"), ()):
            self.assertEqual(self.lodectl("cluster", *wrong).returncode, 2, wrong)

    def test_exit_codes(self):
        for url in ("foo::bar", "foo:bar", "foo:0", "http://", "::1"):
            self.assertEqual(self.run_program("lodectl", "--url", url, "status").returncode, 2, url)
        self.assertEqual(self.lodectl("status").returncode, 0)
        self.assertEqual(self.lodectl("query", "nothing").returncode, 1)
        self.assertEqual(self.lodectl("qery", "daily_sales").returncode, 2)
        self.assertIn("query", self.lodectl("qery", "daily_sales").stderr)
        self.assertEqual(self.run_program("lodectl", "--server", f"127.0.0.1:{lode.free_port()}", "status").returncode, 3)
        self.assertEqual(self.run_program("lodectl", "--help").returncode, 0)
