"""Backups while a writer goes on, restored and compared in full with what the server had, and with a recompute."""
import json
import os
import random
import shutil
import threading
import time
import unittest

import cluster
import lode
import retail
import shop
from test_damage import TABLES, flip

COUNT = {"quick": 2000, "all": 8000, "long": 22000}[lode.LEVEL]  # invoices of the data set


class BackupTest(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.backups = os.path.join(self.folder, "backups")

    def ctl(self, server, *arguments, exit_code=0, **options):
        done = self.run_program("lodectl", "--url", server.url, *arguments, **options)
        self.assertEqual(done.returncode, exit_code, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def result(self, server, *arguments, **options):
        return json.loads(self.ctl(server, "--json", *arguments, **options))["result"]

    def restore(self, *arguments, name="restored", exit_code=0):
        """Into the data folder of a server that is not started yet; the report and the server."""
        server = self.server(name=name)
        done = self.run_program("lodectl", "--json", "restore", self.backups, "--data-dir", server.data_dir, *arguments)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return (json.loads(done.stdout) if exit_code == 0 else done.stderr), server

    def everything(self, server):
        rows = {path: server.rows(path) for path in TABLES if path != "/v1/log"}
        rows["/v1/log"] = server.log_records()
        return rows

    def assert_same(self, server, expected, received=True):
        found = self.everything(server)
        for path in TABLES:
            if path == "/v1/log" and not received:
                for row in found[path] + expected[path]:
                    row.pop("received_at", None)
            self.assertEqual(len(found[path]), len(expected[path]), path)
            self.assertEqual([pair for pair in zip(found[path], expected[path]) if pair[0] != pair[1]][:1], [], path)

    def assert_recompute_agrees(self, server):
        """Its silver and gold are what the log says: compared row by row by the program itself."""
        report = self.result(server, "verify", "--deep")
        self.assertTrue(report["whole"], report)
        self.assertGreater(report["rows"], 0)
        return report


class Backups(BackupTest):
    def fill(self, server, first, count):
        for start in range(first, first + count, 500):
            answer = server.post_ndjson([shop.purchase(number) for number in range(start, start + 500)])
            self.assertEqual((answer.status, answer.json["accepted"]), (200, 500), answer)

    def test_a_backup_is_restored(self):
        node = self.started()
        self.fill(node, 0, 2000)
        node.post(shop.cancellation("x1", 1))
        made = self.result(node, "backup", "create", self.backups)
        self.assertEqual((made["backup"], made["last_offset"]), (1, 2000))
        expected = self.everything(node)
        self.fill(node, 5000, 500)
        report, restored = self.restore()
        self.assertEqual(report["last_offset"], 2000)
        restored.start()
        self.assert_same(restored, expected)
        self.assert_recompute_agrees(restored)
        self.assertEqual(restored.post(shop.purchase(1)).json["duplicates"], 1)
        self.assertEqual(restored.post(shop.purchase(9999)).json["first_offset"], 2001)
        self.assertEqual(self.result(restored, "backup", "create", self.backups)["backup"], 2)  # the same shop's records

    def test_the_commands(self):
        node = self.started()
        self.fill(node, 0, 1000)
        self.assertRegex(self.ctl(node, "backup", "create", self.backups), r"backup 1: records up to offset 999, .* verified\n")
        self.fill(node, 1000, 500)
        self.ctl(node, "backup", "create", self.backups)
        listed = self.ctl(node, "backup", "list", self.backups)
        self.assertRegex(listed, r"(?m)^ *2 .* 1499 ")
        self.assertEqual(self.ctl(node, "backup", "verify", self.backups), "backup 1: whole\nbackup 2: whole\n")
        self.assertIn("backups 1 would go", self.ctl(node, "backup", "prune", self.backups, "--keep", "1", "--dry-run"))
        self.assertEqual(len(self.result(node, "backup", "list", self.backups)["backups"]), 2)
        self.assertIn("backups 1 are gone", self.ctl(node, "backup", "prune", self.backups, "--keep", "1"))
        self.assertEqual(self.result(node, "backup", "create", self.backups, "--keep", "1")["pruned"], [2])
        biggest = max((os.path.join(self.backups, "files", name) for name in os.listdir(os.path.join(self.backups, "files"))),
                      key=os.path.getsize)
        flip(biggest, count=1)
        self.assertIn("is damaged: its bytes are not those", self.ctl(node, "backup", "verify", self.backups, exit_code=1))
        said, _ = self.restore(exit_code=1)
        self.assertIn("is damaged", said)
        other = self.started(name="other")
        self.ctl(other, "backup", "create", self.backups, exit_code=1)  # another shop's records
        refused = other.request("POST", "/v1/admin/backup", '{"dir":"here"}', {"Content-Type": "application/json"})
        self.assert_problem(refused, 400, "invalid_value", "/dir")

    def test_nothing_is_made_inside_the_data_folder(self):
        """What is named like the server's own is swept or written over at its next start, or its next task."""
        node = self.started()
        self.fill(node, 0, 100)
        os.symlink(node.data_dir, os.path.join(self.folder, "link"))
        before = sorted(os.listdir(node.data_dir))
        for name in [os.path.join(node.data_dir, "state.7"), os.path.join(node.data_dir, "deep", "er"), node.data_dir + "/",
                     os.path.join(self.folder, "link", "backup.tmp"), os.path.join(node.data_dir, "x", "..", "mine")]:
            for kind, member, more in [("backup", "dir", {}), ("time-travel", "into", {"to": "5"})]:
                refused = node.request("POST", f"/v1/admin/{kind}", json.dumps({member: name, **more}),
                                       {"Content-Type": "application/json"})
                self.assert_problem(refused, 400, "invalid_value", "/" + member)
        self.assertEqual(sorted(os.listdir(node.data_dir)), before)
        self.result(node, "backup", "create", node.data_dir + "-backups")  # beside it

    def test_a_second_backup_is_small(self):
        node = self.started()
        self.fill(node, 0, 10000)
        first = self.result(node, "backup", "create", self.backups)
        self.fill(node, 10000, 500)
        second = self.result(node, "backup", "create", self.backups)
        print(f"first {first['new_bytes']} bytes, second {second['new_bytes']} of {second['bytes']}", flush=True)
        self.assertLess(second["new_bytes"], first["new_bytes"] / 4)

    def test_restore_to_an_offset_or_a_time(self):
        node, prefix = self.started(), self.started(name="prefix")
        for number in range(300):
            event = shop.purchase(number, [shop.line(sku=f"s{number % 7}")], customer={"id": f"c{number % 11}", "country": "DE"})
            if number % 100 == 0:
                time.sleep(0.002)
            node.post([event, shop.purchase(number)])  # the second one is a conflict or a duplicate
            if number <= 177:
                prefix.post(event)
        self.ctl(node, "backup", "create", self.backups)
        report, restored = self.restore("--to-offset", "177")
        self.assertEqual(report["last_offset"], 177)
        restored.start()
        self.assert_same(restored, self.everything(prefix), received=False)
        self.assert_recompute_agrees(restored)
        received = [row["received_at"] for row in node.log_records()]
        report, timed = self.restore("--to-time", received[177], name="timed")
        self.assertEqual(report["last_offset"], max(at for at, time in enumerate(received) if time <= received[177]))
        timed.start()
        said, _ = self.restore("--to-offset", "300", name="far", exit_code=1)
        self.assertIn("ends with the record at offset 299", said)

    def test_it_goes_into_an_empty_folder_only(self):
        node = self.started()
        self.fill(node, 0, 500)
        self.ctl(node, "backup", "create", self.backups)
        done = self.run_program("lodectl", "restore", self.backups, "--data-dir", node.data_dir)
        self.assertIn("is not empty", done.stderr)
        done = self.run_program("lodectl", "restore", self.backups, "--data-dir", node.data_dir, "--force")
        self.assertIn("a loded serves", done.stderr)
        self.fill(node, 500, 500)
        node.stop()
        self.run_program("lodectl", "restore", self.backups, "--data-dir", node.data_dir, "--force", check=True)
        node.start()
        self.assertEqual(node.get("/v1/status").json["applied"]["offset"], 499)

    def test_a_folder_half_restored_is_refused(self):
        node = self.started()
        self.fill(node, 0, 500)
        self.ctl(node, "backup", "create", self.backups)
        node.stop()
        os.mkdir(os.path.join(node.data_dir, "restoring"))
        with self.assertRaisesRegex(AssertionError, "loded ended with 1:"):
            node.start()
        self.assertIn("a restore into", node.log)


class Retail(BackupTest):
    @unittest.skipUnless(retail.path(), "the Online Retail data set is not at hand")
    def test_while_a_writer_goes_on_and_killed_at_random(self):
        events = retail.events()[:COUNT]
        seed = random.randrange(10**6)
        print(f"seed {seed}", flush=True)
        dice = random.Random(seed)
        node = self.started()
        done = threading.Event()
        failures = []

        def write():
            try:
                for start in range(0, len(events), 200):
                    body = "".join(json.dumps(event) + "\n" for event in events[start:start + 200])
                    while True:
                        answer = cluster.ask(node.port, "POST", "/v1/events", body, {"Content-Type": lode.NDJSON}, timeout=30)
                        if answer and answer.status == 200:
                            break
                        time.sleep(0.05)
            except Exception as error:  # pylint: disable=broad-except
                failures.append(error)
            finally:
                done.set()

        writer = threading.Thread(target=write)
        writer.start()
        self.addCleanup(writer.join)
        kills = 0
        while not done.is_set():
            node.request("POST", "/v1/admin/backup", json.dumps({"dir": self.backups}), {"Content-Type": "application/json"})
            if kills < 4:
                time.sleep(dice.uniform(0, 0.5))
                node.kill()
                kills += 1
                node.start()
            lode.wait_for(lambda: node.get("/v1/admin/tasks").json["tasks"][0]["state"] == "done", 60)
        writer.join()
        self.assertEqual(failures, [])
        made = self.result(node, "backup", "create", self.backups)
        self.assertEqual(made["last_offset"], len(events) - 1)
        self.ctl(node, "backup", "verify", self.backups)
        backups = self.result(node, "backup", "list", self.backups)["backups"]
        self.assertGreater(len(backups), 1)
        # An early one, as it was then, and the last one in full.
        early = backups[0]
        report, first = self.restore("--backup", str(early["id"]), name="first")
        self.assertGreaterEqual(report["last_offset"], early["last_offset"])
        first.start()
        self.assert_recompute_agrees(first)
        first.stop()
        expected = self.everything(node)
        _, last = self.restore(name="last")
        last.start()
        self.assert_same(last, expected)
        self.assertEqual(self.assert_recompute_agrees(last)["state_hash"], self.assert_recompute_agrees(node)["state_hash"])


class Members(cluster.ClusterTest, BackupTest):
    def test_from_a_follower_and_as_a_group_of_its_own(self):
        three = self.started_cluster()
        follower = three.followers()[0]
        for start in range(0, 2000, 500):
            three.wait_leader().post_ndjson([shop.purchase(number) for number in range(start, start + 500)])
        three.wait_same()
        made = self.result(follower, "backup", "create", self.backups)
        self.assertEqual(made["last_offset"], 1999)
        expected = self.everything(follower)
        report, restored = self.restore()
        self.assertEqual(report["last_offset"], 1999)
        restored.start()  # node 1, alone, without cluster.listen
        self.assert_same(restored, expected)
        self.assert_recompute_agrees(restored)
        self.assertEqual(restored.post(shop.purchase(7777)).json["accepted"], 1)

    def test_damaged_entries_come_from_a_peer(self):
        three = self.started_cluster()
        for start in range(0, 2000, 100):
            three.wait_leader().post_ndjson([shop.purchase(number) for number in range(start, start + 100)])
        three.wait_same()
        follower = three.followers()[0]
        follower.stop()
        follower.serve()
        follower.wait_ready()  # what was in the write-ahead log is in blob files now
        follower.stop()
        blobs = [os.path.join(follower.data_dir, "log", name)
                 for name in os.listdir(os.path.join(follower.data_dir, "log")) if name.endswith(".blob")]
        flip(max(blobs, key=os.path.getsize), count=2, begin=0.3)
        done = self.run_program("lodectl", "verify", "--data-dir", follower.data_dir)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"damaged: log, log entry \d+, offset \d+")
        follower.serve()
        follower.wait_ready()
        said = self.ctl(follower, "repair")
        self.assertRegex(said, r"log entry \d+ came from another copy")
        self.assert_recompute_agrees(follower)


class Repairs(BackupTest):
    def filled(self):
        node = self.started()
        for start in range(0, 3000, 100):
            node.post_ndjson([shop.purchase(number) for number in range(start, start + 100)])
        node.stop()
        node.start()
        self.ctl(node, "backup", "create", self.backups)
        self.expected = self.everything(node)
        return node

    def damage(self, node, folder, extension):
        names = [name for name in os.listdir(os.path.join(node.data_dir, folder)) if name.endswith(extension)]
        path = max((os.path.join(node.data_dir, folder, name) for name in names), key=os.path.getsize)
        flip(path, count=3, begin=0.2)
        return path

    def test_an_entry_from_a_backup_while_it_serves(self):
        node = self.filled()
        node.stop()
        self.damage(node, "log", ".blob")
        node.start()
        found = self.ctl(node, "verify", exit_code=1)
        self.assertRegex(found, r"damaged: log, log entry \d+, offset \d+")
        self.assertIn("lodectl repair", found)
        self.assertIn("is left: ", self.ctl(node, "repair", exit_code=1))  # it is alone: nobody to ask
        self.assertIn("came from another copy", self.ctl(node, "repair", "--from", self.backups))
        self.assert_same(node, self.expected)
        self.assert_recompute_agrees(node)

    def test_files_from_a_backup_for_a_server_that_does_not_start(self):
        node = self.filled()
        node.stop()
        self.damage(node, "log", ".blob")
        for name in os.listdir(os.path.join(node.data_dir, "log")):
            if name.endswith(".sst"):
                flip(os.path.join(node.data_dir, "log", name), count=10, part=1.0)
        shutil.rmtree(os.path.join(node.data_dir, "state"))
        with self.assertRaisesRegex(AssertionError, "loded ended with 1:"):
            node.start()
        done = self.run_program("lodectl", "verify", "--data-dir", node.data_dir)
        self.assertEqual(done.returncode, 1, done)
        done = self.run_program("lodectl", "repair", "--data-dir", node.data_dir, "--from", self.backups)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("came from the backup", done.stdout)
        node.start()
        self.assert_same(node, self.expected)

    def test_a_damaged_state_is_made_anew(self):
        node = self.filled()
        node.stop()
        self.damage(node, "state", ".sst")
        done = self.run_program("lodectl", "verify", "--data-dir", node.data_dir)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("lodectl repair", done.stdout)
        done = self.run_program("lodectl", "repair", "--data-dir", node.data_dir, check=True)
        self.assertIn("made anew from the log", done.stdout)
        node.start()
        self.assert_same(node, self.expected)
        self.assertIn("asked for it", self.ctl(node, "repair", "--rebuild"))
        lode.wait_for(lambda: "made anew from the log" in node.log and node.get("/readyz").status == 200, 60)
        self.assert_same(node, self.expected)
