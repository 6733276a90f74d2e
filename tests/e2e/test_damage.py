"""Damaged files: the state is made anew from the log, a damaged log is refused; what is damaged is never served."""
import contextlib
import glob
import http.client
import itertools
import os
import random
import re
import shutil

import lode
import shop

SAMPLE = {"quick": 2, "all": 6, "long": 100}[lode.LEVEL]
TABLES = ["/v1/gold/daily_product_sales", "/v1/gold/customer_product_affinity", "/v1/gold/product_popularity",
          "/v1/gold/customer_insights", "/v1/silver/orders", "/v1/silver/order_lines", "/v1/silver/customers", "/v1/quarantine",
          "/v1/log"]


def flip(path, count=40, part=0.75, begin=0.0):
    """Turns bytes over, spread from `begin` to `part` of the file, zeros at its end not counted."""
    with open(path, "r+b") as file:
        whole = len(file.read().rstrip(b"\0"))
        size = int(whole * part)
        for at in range(int(whole * begin) + size // (2 * count), size, max(1, size // count)):
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 0x5A]))


def events(count):
    made = []
    for number in range(count):
        lines = [shop.line(f"S{number % 37}", number % 7 + 1), shop.line("T", 1, "-1" if number % 50 == 0 else "1")]
        made.append(shop.purchase(number, lines, customer={"id": f"c{number % 53}", "country": "DE"}))
        if number % 10 == 3:
            made.append(shop.cancellation(f"x{number}", number))
    return made


class Damage(lode.LodeTest):
    def files(self, folder, pattern):
        return sorted(glob.glob(os.path.join(self.node.data_dir, folder, pattern)))

    def filled(self, *flags, count=300):
        """A server with `count` orders, stopped; its rows are in self.rows."""
        self.node = self.started(*flags)
        self.assertEqual(self.node.post_ndjson(events(count)).status, 200)
        self.rows = self.everything()
        self.node.stop()

    def everything(self):
        return {path: self.node.rows(path) for path in TABLES}

    def assert_rows(self, expected):
        rows = self.everything()
        for path in TABLES:
            different = [pair for pair in itertools.zip_longest(rows[path], expected[path]) if pair[0] != pair[1]]
            self.assertEqual(different[:1], [], f"{path}: {len(different)} rows differ")

    def start_watched(self):
        """Starts; the reasons that /readyz gave until it said 200."""
        reasons = set()
        for answer in self.node.starting():
            if answer.status == 200:
                return reasons
            self.assertEqual((answer.status, answer.headers["retry-after"]), (503, "1"), answer)
            reasons.add(re.sub(r"entry \d+ of \d+", "", answer.text).strip())
        return reasons


class State(Damage):
    def assert_made_anew(self, said):
        self.assertIn(said, self.node.log)
        self.assertIn("made anew from the log", self.node.log)
        self.assert_rows(self.rows)
        self.assertEqual(self.node.post_ndjson(events(300)).json["duplicates"], len(events(300)))

    def test_files_that_are_gone(self):
        for pattern in ("CURRENT", "MANIFEST-*", "*.sst"):
            with self.subTest(pattern=pattern):
                self.filled()
                for file in self.files("state", pattern):
                    os.remove(file)
                self.node.start()
                self.assert_made_anew("the state can't be opened")
                self.node.stop()
                shutil.rmtree(self.node.folder)

    def test_bytes_turned_over_in_any_file(self):
        self.filled()
        clean = os.path.join(self.folder, "clean")
        shutil.copytree(self.node.data_dir, clean)
        names = [os.path.basename(file) for file in self.files("state", "*.sst")]
        self.assertGreater(len(names), 8)
        seed = random.randrange(10**6)
        print(f"seed {seed}", flush=True)
        for name in random.Random(seed).sample(names, min(SAMPLE, len(names))):
            with self.subTest(name=name):
                shutil.rmtree(self.node.data_dir)
                shutil.copytree(clean, self.node.data_dir)
                flip(os.path.join(self.node.data_dir, "state", name), count=10, part=0.2)  # rows, not the file's index
                self.check_nothing_damaged_is_served()
                self.node.stop()
                self.assert_no_report(self.node.log)
                os.remove(self.node.log_file)

    def check_nothing_damaged_is_served(self):
        """Whatever is used answers as it should, or with an error; after one, the next start makes the state anew."""
        self.node.start()
        whole = False
        with contextlib.suppress(OSError, http.client.HTTPException):  # applying to what is damaged ends the process
            self.node.post(shop.cancellation("x1", 1))
            for path in TABLES:
                answer = self.node.get(path, limit=10000)
                if answer.status != 200:
                    self.assert_problem(answer, 500, "internal")
            whole = "can't be read" not in self.node.log
        if not whole and "made anew from the log" not in self.node.log:
            self.node.kill()
            self.node.start()
            self.assertIn("made anew from the log", self.node.log)
            self.node.post(shop.cancellation("x1", 1))
        self.assert_rows(self.expected())

    def expected(self):
        if not hasattr(self, "cancelled"):
            other = self.started(name="other")
            other.post_ndjson(events(300))
            other.post(shop.cancellation("x1", 1))
            self.cancelled = {path: other.rows(path) for path in TABLES}
            other.stop()
            for row in self.cancelled["/v1/log"]:
                row.pop("received_at")
        return self.cancelled

    def everything(self):
        rows = super().everything()
        for row in rows["/v1/log"]:
            row.pop("received_at")
        return rows

    def test_it_is_not_ready_until_it_is_made_anew(self):
        self.node = self.started()
        for first in range(0, 60000, 5000):
            self.node.post_ndjson([shop.purchase(number) for number in range(first, first + 5000)])
        gold = self.node.gold("daily_sales")
        self.node.stop()
        os.remove(self.files("state", "MANIFEST-*")[0])
        self.assertIn("not ready: rebuilding a state that could not be used:", self.start_watched())
        self.assertEqual(self.node.gold("daily_sales"), gold)


class Log(Damage):
    def refused(self, *said):
        """Tries to start: ends with 1 and a sentence, and nothing was served."""
        with self.assertRaisesRegex(AssertionError, "loded ended with 1:"):
            self.node.start()
        for words in said:
            self.assertIn(words, self.node.log)

    def fresh(self):
        """A stopped server whose log has all kinds of files and holds entries that the state does not."""
        self.filled()
        self.node.start()  # what was in the write-ahead log is in tables and blobs now
        for first in range(1000, 1400, 100):
            self.node.post_ndjson([shop.purchase(number) for number in range(first, first + 100)])
        self.node.kill()

    def test_a_damaged_log_is_refused(self):
        self.fresh()
        clean = os.path.join(self.folder, "clean")
        shutil.copytree(self.node.data_dir, clean)
        for pattern in ("*.blob", "*.sst", "*.log", "MANIFEST-*"):
            with self.subTest(pattern=pattern):
                shutil.rmtree(self.node.data_dir)
                shutil.copytree(clean, self.node.data_dir)
                shutil.rmtree(os.path.join(self.node.data_dir, "state"))  # all of the log is read
                biggest = max(self.files("log", pattern), key=os.path.getsize)
                flip(biggest)
                self.refused("loded: ", "log")
                self.assertRegex(self.node.log, "(?i)damaged|corrupt")
                self.assert_no_report(self.node.log)
                os.remove(self.node.log_file)
                self.node.kill()

    def test_missing_files_are_not_begun_anew(self):
        self.fresh()
        kept = {pattern: len(self.files("log", pattern)) for pattern in ("*.sst", "*.blob", "*.log")}
        os.remove(self.files("log", "CURRENT")[0])
        for _ in range(2):
            self.refused("CURRENT is missing")
        self.assertEqual(kept, {pattern: len(self.files("log", pattern)) for pattern in kept})
        shutil.rmtree(os.path.join(self.node.data_dir, "log"))
        self.refused("the log ends at entry 0, but the state was made of entries up to")

    def test_a_damaged_entry_is_an_error_never_a_record(self):
        self.filled()
        self.node.start()
        self.node.stop()
        for blob in self.files("log", "*.blob"):
            flip(blob, begin=0.1)  # the group's configuration lies first, and a start reads it
        self.node.start()  # the state needs nothing of the rest
        self.assert_problem(self.node.get("/v1/log"), 500, "internal")
        self.assert_problem(self.node.get("/v1/log/7"), 500, "internal")
        self.assertEqual(self.node.rows("/v1/gold/customer_insights"), self.rows["/v1/gold/customer_insights"])
