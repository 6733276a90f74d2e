"""Data of earlier programs is opened and upgraded; data of newer ones is refused with a sentence that names both formats."""
import json
import os
import re
import subprocess

import lode
import shop
from test_damage import TABLES

FORMATS = os.path.join(lode.ROOT, "tests", "formats")
ARCHIVES = ["1-first", "2-state-hash", "3-group", "4-tasks"]
TIMES = ("received_at", "as_of_time", "retried_at", "quarantined_at")


def without_times(row):
    return {name: value for name, value in row.items() if name not in TIMES}


class FormatsTest(lode.LodeTest):
    def unpack(self, archive):
        """A server on the archive's data, not started, and what was sent to the earlier one."""
        server = self.server(name=archive)
        subprocess.run(f"zstd -dqc {FORMATS}/{archive}.tar.zst | tar -xf - -C {server.folder}", shell=True, check=True)
        with open(os.path.join(server.folder, "events.json"), encoding="utf-8") as file:
            return server, json.load(file)

    def everything(self, server):
        rows = {path: [without_times(row) for row in server.rows(path)] for path in TABLES if path != "/v1/log"}
        rows["/v1/log"] = [without_times(row) for row in server.log_records()]
        return rows


class Earlier(FormatsTest):
    def sent_again(self, sent):
        """The same events, to today's program."""
        node = self.started(name="twin")
        for batch in sent["batches"][:sent["half"]]:
            node.post(batch)
        node.retry(sent["retried"])
        for batch in sent["batches"][sent["half"]:]:
            node.post(batch)
        return node

    def assert_same(self, found, expected):
        for path in TABLES:
            self.assertEqual(len(found[path]), len(expected[path]), path)
            self.assertEqual([pair for pair in zip(found[path], expected[path]) if pair[0] != pair[1]][:1], [], path)

    def check(self, archive):
        node, sent = self.unpack(archive)
        twin = self.sent_again(sent)
        expected = self.everything(twin)
        for start in ("the first", "the second"):
            with self.subTest(start=start):
                node.start()
                self.assert_same(self.everything(node), expected)
                # It goes on: what was sent is known, and new events come in.
                again = node.post(sent["batches"][0]).json
                self.assertEqual(again["accepted"], 0, again)
                node.stop()
        node.start()
        self.assertEqual(node.post(shop.purchase(77_777)).json["accepted"], 1)
        done = self.run_program("lodectl", "--json", "--url", node.url, "verify", "--deep")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return node

    def test_the_first_program(self):
        self.check("1-first")

    def test_the_state_hash(self):
        self.check("2-state-hash")

    def test_a_group_of_one(self):
        self.check("3-group")

    def test_tasks_controls_and_generations(self):
        node = self.check("4-tasks")
        kinds = {task["kind"]: task["state"] for task in node.get("/v1/admin/tasks").json["tasks"]}
        self.assertEqual((kinds["replay"], kinds["backup"]), ("done", "done"))
        done = self.run_program("lodectl", "--url", node.url, "replay", "--rollback")  # to the generation that it kept
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_backup_of_an_earlier_program_is_restored(self):
        node, sent = self.unpack("4-tasks")
        restored = self.server(name="restored")
        done = self.run_program("lodectl", "restore", os.path.join(node.folder, "backups"), "--data-dir", restored.data_dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        restored.start()
        self.assert_same(self.everything(restored), self.everything(self.sent_again(sent)))

    def test_every_archive_is_opened(self):
        packed = {name.removesuffix(".tar.zst") for name in os.listdir(FORMATS) if name.endswith(".tar.zst")}
        self.assertEqual(packed, set(ARCHIVES))


class Newer(FormatsTest):
    def assert_refused(self, done, found, known):
        """A sentence that says which format it is, and which is known."""
        self.assertEqual(done.returncode, 1, done)
        said = done.stdout + done.stderr
        self.assertRegex(said, r"newer (program|loded)")
        self.assertIn(str(found), re.findall(r"\d+", said), said)
        self.assertIn(str(known), re.findall(r"\d+", said), said)

    def start(self, node):
        return self.run_program("loded", "--data-dir", node.data_dir, "--http-listen", f"127.0.0.1:{lode.free_port()}",
                                "--tcp-listen", f"127.0.0.1:{lode.free_port()}", timeout=30)

    def test_a_log_its_controls_its_ruleset_and_its_generations(self):
        for part, found, known in (("log", 41, 2), ("controls", 41, 1), ("bystanders", 41, 1), ("ruleset", 9, 1)):
            with self.subTest(part=part):
                node, _ = self.unpack("4-tasks")
                subprocess.run([lode.program("raise_format"), node.data_dir, part], check=True)
                self.assert_refused(self.start(node), found, known)
                lode.shutil.rmtree(node.folder)
                os.mkdir(node.folder)

    def edit(self, path, before, after):
        with open(path, "r+b") as file:
            content = file.read()
            self.assertIn(before, content, path)
            file.seek(0)
            file.write(content.replace(before, after, 1))

    def test_a_folder_of_backups_and_a_backup(self):
        for name, before, after in (("lode-backups", b"lode-backups 1", b"lode-backups 7"), ("000001.backup", b"lode-backup 1", b"lode-backup 7")):
            with self.subTest(name=name):
                node, _ = self.unpack("4-tasks")
                backups = os.path.join(node.folder, "backups")
                self.edit(os.path.join(backups, name), before, after)
                into = os.path.join(self.folder, "into-" + name)
                self.assert_refused(self.run_program("lodectl", "restore", backups, "--data-dir", into), 7, 1)
                lode.shutil.rmtree(node.folder)
                os.mkdir(node.folder)

    def test_a_state_of_the_past(self):
        node, _ = self.unpack("4-tasks")
        node.start()
        past = os.path.join(self.folder, "past")
        self.run_program("lodectl", "--url", node.url, "replay", "--to", "5", "--into", past, check=True)
        self.edit(os.path.join(past, "past.json"), b'"format":1', b'"format":8')
        done = self.run_program("loded", "--read-only", "--data-dir", past, "--http-listen", f"127.0.0.1:{lode.free_port()}",
                                "--tcp-listen", f"127.0.0.1:{lode.free_port()}", timeout=30)
        self.assert_refused(done, 8, 1)

    def test_a_task_is_history_and_forgotten(self):
        node, _ = self.unpack("4-tasks")
        tasks = os.path.join(node.data_dir, "tasks")
        name = sorted(os.listdir(tasks))[0]
        self.edit(os.path.join(tasks, name), b'"format":1', b'"format":6')
        node.start()
        self.assertRegex(node.log, r"has format 6, written by a newer program; this one reads up to format 1")
