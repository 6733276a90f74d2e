"""A full disk: writes are refused before anything is taken, reads go on, and all is well again once there is room."""
import contextlib
import os
import subprocess
import threading

import lode
import shop
import twin

MIB = 1 << 20
RESERVE = 16 * MIB
BATCH = 500
EPOCH = 4 * BATCH


class SmallDisk:
    """A file system of its own, of `size` bytes, on `folder`; gone when the test ends."""

    def __init__(self, test, folder, size):
        self.folder = folder
        self.filler = os.path.join(folder, "filler")
        os.makedirs(folder, exist_ok=True)
        try:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "lode-e2e", folder], check=True,
                           capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            test.skipTest(f"a small file system can't be mounted here: {getattr(error, 'stderr', error)}".strip())
        test.addCleanup(subprocess.run, ["umount", "--lazy", folder], check=True)

    def free(self):
        disk = os.statvfs(self.folder)
        return disk.f_bavail * disk.f_frsize

    def leave(self, size):
        """Fills the disk up to `size` free bytes."""
        with open(self.filler, "ab") as file:
            while (excess := self.free() - size) > 0:
                with contextlib.suppress(OSError):  # the server takes and gives back room meanwhile
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, excess)

    def make_room(self):
        os.remove(self.filler)


class FullDisk(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.server("--state-epoch-events", str(EPOCH), "--ingest-reserved-disk-bytes", str(RESERVE))
        self.twin = twin.Twin()
        self.number = 0

    def batch(self):
        """New orders, and a revision of every fifth before them."""
        events = []
        for self.number in range(self.number + 1, self.number + 1 + BATCH):
            lines = [shop.line(f"S{self.number % 701}", self.number % 7 + 1)]
            events.append(shop.purchase(self.number, lines, customer={"id": f"c{self.number % 307}", "country": "FR"}))
            if self.number % 5 == 0:
                events.append(shop.revision(self.number - 3, 1, [shop.line(quantity=2)]))
        return events

    def post(self, events):
        """True: acknowledged, and in the twin; False: refused for the disk."""
        answer = self.node.post_ndjson(events)
        if answer.status == 507:
            self.assert_problem(answer, 507, "disk_full")
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
            return False
        self.assertEqual((answer.status, answer.json["accepted"]), (200, len(events)), answer)
        for event in events:
            self.twin.append(event)
        return True

    def assert_all_there(self):
        """What was acknowledged is in the log once, nothing else is, and gold is what that gives."""
        self.assertEqual(self.node.get("/v1/gold/daily_sales").json["meta"]["as_of_offset"], len(self.twin.events) - 1)
        self.assert_no_differences(twin.all_differences(self.twin, self.node))

    def test_writes_are_refused_reads_go_on_and_room_is_enough(self):
        disk = SmallDisk(self, self.node.data_dir, 256 * MIB)
        self.node.start()
        for _ in range(6):
            self.assertTrue(self.post(self.batch()))
        disk.leave(RESERVE // 2)
        refused = lode.wait_for(lambda: None if self.post(events := self.batch()) else events)
        for left in (RESERVE // 2, 0):
            disk.leave(left)
            self.assertFalse(self.post(refused))
            self.assert_all_there()
            self.assertEqual(self.node.get("/readyz").status, 200)
        disk.make_room()
        lode.wait_for(lambda: self.post(refused))
        for _ in range(6):
            self.assertTrue(self.post(self.batch()))
        self.assert_all_there()
        disk.leave(0)
        self.node.kill()
        disk.make_room()
        self.node.start()
        self.assert_all_there()

    def test_an_epoch_that_does_not_fit_waits_for_room(self):
        disk = SmallDisk(self, os.path.join(self.node.data_dir, "state"), 64 * MIB)
        self.node.start()
        for _ in range(6):
            self.assertTrue(self.post(self.batch()))
        disk.leave(0)
        waiting = []
        for _ in range(12):  # two epochs: the second one's end waits for the first
            waiting.append(threading.Thread(target=self.post_aside, args=[self.batch()]))
            waiting[-1].start()
        lode.wait_for(lambda: lode.lag(self.node)["offsets", "gold"] > 0)
        first = lode.wait_for(lambda: lode.lag(self.node)["seconds", "gold"])
        lode.wait_for(lambda: lode.lag(self.node)["seconds", "gold"] > first + 1)
        meta = self.node.get("/v1/gold/daily_sales").json["meta"]
        self.assertGreaterEqual(meta["lag_ms"], 1000)
        self.assertIn("lode_state_write_failing 1", self.node.get("/metrics").text)
        self.assertIn("No space left", self.node.log)
        disk.make_room()
        for thread in waiting:
            thread.join()
        lode.wait_for(lambda: set(lode.lag(self.node).values()) == {0})
        self.assertIn("lode_state_write_failing 0", self.node.get("/metrics").text)
        self.compare_with_the_log()
        self.node.kill()
        self.node.start()
        self.compare_with_the_log()

    def post_aside(self, events):
        connection = lode.Server(self.node.folder)
        connection.port = self.node.port
        answer = connection.post_ndjson(events)
        connection.close()
        self.assertEqual((answer.status, answer.json["accepted"]), (200, len(events)), answer)

    def compare_with_the_log(self):
        records = self.node.log_records()
        self.assertEqual(len(records), 18 * BATCH * 6 // 5)
        self.twin = twin.Twin()
        for record in records:
            self.twin.append(record["event"])
        self.assert_all_there()
