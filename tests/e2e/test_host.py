"""Living on a host: ending, reloading, what the service manager and the log are told."""
import json
import os
import re
import signal
import socket
import ssl
import threading
import time

import certificates
import event_stream
import frames
import lode
import service_manager
import shop
import stalls

PROMISE = 5  # seconds that a stop takes at most
MIB = 1 << 20


class Stop(lode.LodeTest):
    def stop(self, node, what):
        """Ends the node and prints how long that took. What a busy machine kept everybody waiting for does not count."""
        node.close()
        with stalls.Stalls() as kept:
            begun = time.monotonic()
            node.process.terminate()
            self.assertEqual(node.process.wait(60), 0, node.log[-2000:])
            took = time.monotonic() - begun
        print(f"stop, {what}: {took:.2f} s" + (f", of which {kept.seconds:.2f} s stalled" if kept.seconds > 0.05 else ""), flush=True)
        self.assertLess(took - kept.seconds, PROMISE, node.log[-2000:])
        return took

    def slow(self, node, sent):
        """A connection that has sent so much, and takes nothing."""
        slow = socket.socket()
        self.addCleanup(slow.close)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", node.port))
        slow.sendall(sent)
        return slow

    def post_until_refused(self, node, acknowledged, counter):
        """Posts one purchase after the other; numbers whose answer came are noted."""
        try:
            connection = lode.http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
            while True:
                with counter["lock"]:
                    counter["next"] += 1
                    number = counter["next"]
                connection.request("POST", "/v1/events", json.dumps(shop.purchase(number)), {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    acknowledged.append(number)
        except (OSError, lode.http.client.HTTPException):
            pass

    def test_idle(self):
        node = self.started()
        self.assertLess(self.stop(node, "idle"), PROMISE)
        self.assertRegex(node.log, r"stopped\n$")

    def test_with_everything_under_way(self):
        node = self.server("--state-epoch-events", "10000000", "--log-format", "json")
        node.start()
        events = 60_000 if lode.LEVEL != "long" else 600_000
        for first in range(0, events, 10_000):
            answer = node.post_ndjson([shop.purchase(1_000_000 + number) for number in range(first, first + 10_000)])
            self.assertEqual(answer.json["accepted"], 10_000)
        self.assertIn(node.request("POST", "/v1/admin/verify", '{"deep":true}', {"Content-Type": "application/json"}).status, (202,))
        streams = [event_stream.EventStream(node.port, path) for path in ("/v1/log?from=0", "/v1/gold/daily_sales")]
        slow_reader = self.slow(node, b"GET /v1/log?limit=10000 HTTP/1.1\r\nHost: a\r\n\r\n" * 8)
        slow_sender = self.slow(node, b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        waiting = self.slow(node, b"GET /v1/gold/daily_sales?min_offset=99999999&wait_ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n")
        tcp = frames.Client(node.tcp_port)
        tcp.send(frames.FETCH, {0: ("Q", 99_999_999), 1: ("I", 1), 2: ("I", 60_000)})
        acknowledged, counter = [], {"lock": threading.Lock(), "next": 0}
        writers = [threading.Thread(target=self.post_until_refused, args=(node, acknowledged, counter)) for _ in range(4)]
        for writer in writers:
            writer.start()
        lode.wait_for(lambda: len(acknowledged) > 100)
        self.stop(node, f"{events} events in memory, a task, streams, slow readers and senders, long waits, writers")
        for writer in writers:
            writer.join()
        # Who waited was answered, and who had not sent everything was told.
        self.assertIn(b" 503 ", waiting.recv(4096))
        self.assertIn(b'"code":"stopping"', self.all_of(slow_sender))
        self.assertEqual(tcp.receive()[1], frames.FETCH_RESULT)
        for stream in streams:
            stream.close()
        tcp.close()
        slow_reader.close()
        node.start()
        for number in (acknowledged[0], acknowledged[len(acknowledged) // 2], *acknowledged[-20:]):
            self.assertEqual(node.post(shop.purchase(number)).json["duplicates"], 1, number)
        self.assertGreaterEqual(node.get("/v1/status").json["applied"]["offset"] + 1, events + len(acknowledged))

    @staticmethod
    def all_of(connection):
        connection.settimeout(30)
        out = b""
        while piece := connection.recv(65536):
            out += piece
        return out

    def test_while_the_log_is_replayed(self):
        node = self.server("--state-epoch-events", "10000000")
        node.start()
        node.post_ndjson([shop.purchase(number) for number in range(10_000)])
        node.kill()
        for answer in node.starting():
            if answer.status == 503:
                break
        self.stop(node, "while the log is replayed")
        node.start()
        self.assertEqual(node.gold("daily_sales")[0]["transactions"], 10_000)

    def test_a_second_signal_ends_it_at_once(self):
        node = self.started()
        node.post([shop.purchase(number) for number in range(100)])
        # Somebody who goes on sending holds a stop up for its grace.
        self.slow(node, b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        node.close()
        node.process.send_signal(signal.SIGTERM)
        lode.wait_for(lambda: "stopping: SIGTERM" in node.log)
        node.process.send_signal(signal.SIGINT)
        self.assertEqual(node.process.wait(30), 0)
        self.assertIn("stopped early", node.log)
        self.assertIn("told so again", node.log)
        node.start()
        self.assertEqual(node.gold("daily_sales")[0]["transactions"], 100)
        self.assertEqual(node.post(shop.purchase(1)).json["duplicates"], 1)


class Reload(lode.LodeTest):
    def configured(self, text, *flags, **options):
        self.config = os.path.join(self.folder, "loded.toml")
        self.write(text)
        return self.started("--config", self.config, *flags, **options)

    def write(self, text):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    def reload(self, node, text, *arguments):
        self.write(text)
        return self.run_program("lodectl", "--url", node.url, "reload", *arguments)

    def hang_up(self, node, text):
        """The log's new lines after a SIGHUP."""
        before = len(node.log)
        self.write(text)
        node.process.send_signal(signal.SIGHUP)
        return lode.wait_for(lambda: re.search(r"(taken over|no value changed|nothing changed).*\n", node.log[before:])) and node.log[before:]

    def test_limits_change_for_connections_that_stand(self):
        node = self.configured("")
        self.assertEqual(node.post([shop.purchase(number) for number in range(3)]).json["accepted"], 3)
        done = self.reload(node, "[limits]\nevents_per_request = 2\nid_bytes = 16\n[ingest]\nreserved_disk_bytes = 1125899906842624\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("taken over: limits.events_per_request from 10000 to 2", done.stdout)
        lode.wait_for(lambda: node.post([shop.purchase(number) for number in range(3)]).status == 413)
        lode.wait_for(lambda: node.post(shop.purchase(9)).status == 507)
        self.reload(node, "[http]\nidle_seconds = 1\n")
        lode.wait_for(lambda: node.post(shop.purchase(9, event_id="x" * 100)).status == 200)  # longer than was allowed
        idle = socket.create_connection(("127.0.0.1", node.port))
        idle.settimeout(30)
        self.assertEqual(idle.recv(1), b"")  # closed long before the 75 s that it began with
        idle.close()

    def test_the_form_and_level_of_the_log(self):
        node = self.configured("")
        self.assertIn("taken over: log.level, log.format", self.hang_up(node, "[log]\nformat = 'json'\nlevel = 'debug'\n"))
        line = json.loads(self.hang_up(node, "[log]\nformat = 'json'\nlevel = 'debug'\n").splitlines()[0])
        self.assertEqual((line["event"], line["taken"]), ("config.reloaded", ""))

    def test_what_cannot_change_is_named_and_taken_by_the_next_start(self):
        node = self.configured("")
        said = self.hang_up(node, "[gold]\ntime_zone = 'Europe/Berlin'\n[http]\nthreads = 3\n")
        self.assertIn("only the next start takes http.threads, gold.time_zone", said)
        lode.wait_for(lambda: 'gold.time_zone is "UTC" until the next start, and "Europe/Berlin" then' in node.log)
        node.post(shop.purchase(1, occurred_at="2011-01-05T23:30:00Z"))
        self.assertEqual(node.gold("daily_sales")[0]["day"], "2011-01-05")
        node.stop()
        node.start()
        self.assertEqual(node.gold("daily_sales")[0]["day"], "2011-01-06")

    def test_an_invalid_file_changes_nothing(self):
        node = self.configured("")
        for wrong, named in (("[limits]\nevents_per_request = 2\n[http]\nlisen = 'x'\n", "http.listen"),
                             ("[limits]\nevents_per_request = 2\n[ingest]\nmappings_dir = '/nowhere'\n", "/nowhere"),
                             ("[limits\n", ":1")):
            done = self.reload(node, wrong)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("nothing changed", done.stderr)
            self.assertIn(named, done.stderr)
            self.assertIn(named, self.hang_up(node, wrong))
        self.assertEqual(node.post([shop.purchase(number) for number in range(3)]).json["accepted"], 3)
        self.assert_problem(node.request("POST", "/v1/admin/reload", "{}", {"Content-Type": "application/json"}), 409,
                            "invalid_configuration")

    def test_a_dry_run_only_says(self):
        node = self.configured("")
        done = self.reload(node, "[limits]\nevents_per_request = 2\n", "--dry-run")
        self.assertIn("would be taken over: limits.events_per_request", done.stdout)
        self.assertEqual(node.post([shop.purchase(number) for number in range(3)]).json["accepted"], 3)
        told = json.loads(self.reload(node, "[limits]\nevents_per_request = 2\n", "--json").stdout)
        self.assertEqual(told["taken"], [{"key": "limits.events_per_request", "from": "10000", "to": "2"}])

    def test_mappings_are_read_again(self):
        folder = os.path.join(self.folder, "mappings")
        os.mkdir(folder)
        node = self.configured("", "--ingest-mappings-dir", folder)
        header = {"mapping": "online_retail"}
        row = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n1,A,MUG,6,2010-12-01 08:26:00,2.55,17850,France\n"
        self.assert_problem(node.post(row, "text/csv", parameters=header), 400, "unknown_mapping")
        lode.shutil.copy(os.path.join(lode.ROOT, "config", "mappings", "online_retail.toml"), folder)
        self.assertEqual(self.reload(node, "").returncode, 0)
        self.assertEqual(node.post(row, "text/csv", parameters=header).json["accepted"], 1)

    def test_certificates_between_nodes_are_read_again(self):
        authority = certificates.Authority(self.folder, "ca")
        port = lode.free_port()
        node = self.configured("", "--cluster-listen", f"127.0.0.1:{port}", *authority.flags(1))
        before = ssl.get_server_certificate(("127.0.0.1", port))
        _, key = authority.issue(1)  # over the old files
        self.assertEqual(ssl.get_server_certificate(("127.0.0.1", port)), before)
        done = self.reload(node, "", "--json")
        self.assertEqual(json.loads(done.stdout)["read_again"], ["certificates"], done.stderr)
        renewed = ssl.get_server_certificate(("127.0.0.1", port))
        self.assertNotEqual(renewed, before)
        with open(key, "w", encoding="utf-8") as file:
            file.write("no key\n")
        done = self.reload(node, "[limits]\nevents_per_request = 2\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn(key, done.stderr)
        self.assertEqual(ssl.get_server_certificate(("127.0.0.1", port)), renewed)
        self.assertEqual(node.post([shop.purchase(number) for number in range(3)]).json["accepted"], 3)

    def test_a_log_that_is_kept_shorter(self):
        node = self.configured("[state]\nepoch_events = 1000\n")
        for first in range(0, 5_000, 100):
            node.post([shop.purchase(number, customer={"id": os.urandom(8).hex()}) for number in range(first, first + 100)])
        self.assertEqual(node.get("/v1/log", limit=1).json["rows"][0]["offset"], 0)
        self.hang_up(node, "[state]\nepoch_events = 1000\n[log]\nretention_seconds = 1\n")
        lode.wait_for(lambda: node.get("/v1/log", **{"from": 0, "limit": 1}).status == 410, 60)


class Manager(lode.LodeTest):
    def watched(self, *flags, **options):
        manager = service_manager.ServiceManager(self.folder, **options)
        self.addCleanup(manager.close)
        return manager, self.server(*flags, environment=manager.environment)

    def test_a_start_a_reload_and_a_stop(self):
        manager, node = self.watched(watchdog_seconds=2)
        node.begin()
        self.assertRegex(manager.wait("READY")["STATUS"], "serving, applied up to offset -1")
        self.assertEqual(node.get("/readyz").status, 200)
        node.post(shop.purchase(1))
        for _ in range(3):
            manager.wait("WATCHDOG")
        node.process.send_signal(signal.SIGHUP)
        begun = manager.wait("RELOADING")
        self.assertLess(abs(int(begun["MONOTONIC_USEC"]) - time.monotonic() * 1e6), 30e6)
        self.assertIn("no value changed", manager.wait("READY")["STATUS"])
        node.process.terminate()
        self.assertEqual(manager.wait("STOPPING")["STATUS"], "stopping: SIGTERM")
        self.assertEqual(node.process.wait(30), 0)
        manager.drain()
        self.assertNotIn("READY", manager.told[-1])

    def test_a_long_start_says_how_far_it_is(self):
        manager, node = self.watched("--state-epoch-events", "10000000")
        node.begin()
        manager.wait("READY")
        for first in range(0, 30_000, 10_000):
            node.post_ndjson([shop.purchase(number) for number in range(first, first + 10_000)])
        node.kill()
        manager.drain()
        manager.told.clear()
        node.begin()
        ready = manager.wait("READY")
        before = manager.told[:manager.told.index(ready)]
        self.assertTrue(any("EXTEND_TIMEOUT_USEC" in message for message in before), before)
        self.assertTrue(all("WATCHDOG" in message or message["STATUS"] for message in before), before)
        self.assertEqual(node.gold("daily_sales")[0]["transactions"], 30_000)

    def test_a_member_that_waits_for_an_operator_has_started(self):
        port = lode.free_port()
        manager, node = self.watched("--cluster-listen", f"127.0.0.1:{port}", "--cluster-peers", f"1=127.0.0.1:{port},2=127.0.0.1:9")
        node.begin()
        self.assertIn("lodectl cluster init", manager.wait("READY")["STATUS"])
        self.assertEqual(node.get("/readyz").status, 503)

    def test_a_process_that_stands_is_not_alive(self):
        manager, node = self.watched(watchdog_seconds=1)
        node.begin()
        manager.wait("READY")
        manager.wait("WATCHDOG")
        node.process.send_signal(signal.SIGSTOP)
        manager.drain()
        self.assertIsNone(manager.take(1))
        node.process.send_signal(signal.SIGCONT)
        manager.wait("WATCHDOG")


class Logs(lode.LodeTest):
    SECRET = "nobody.reads.this@example.com"

    def busy(self, form):
        """The lines of a node that was given everything to complain about."""
        node = self.server("--log-format", form, "--log-level", "debug")
        node.start()
        event = shop.purchase(1, customer={"id": "C1", "email": self.SECRET, "name": self.SECRET, "phone": self.SECRET})
        node.post(event)
        node.post({**event, "attributes": {"note": self.SECRET}})
        node.post('{"event_id":"x", "email":"' + self.SECRET)
        node.post(shop.purchase(2, [shop.line(unit_price="-1", description=self.SECRET)]))
        node.get("/v1/gold/" + self.SECRET)
        node.get("/v1/silver/customers/" + self.SECRET)
        self.run_program("lodectl", "--url", node.url, "verify", check=True)
        node.process.send_signal(signal.SIGHUP)
        lode.wait_for(lambda: "no value changed" in node.log)
        node.stop()
        self.assertNotIn(self.SECRET, node.log)
        return [line for line in node.log.splitlines() if line]

    def test_every_line_of_json_has_time_level_event_and_sentence(self):
        for text in self.busy("json"):
            line = json.loads(text)
            self.assertEqual(list(line)[:3], ["time", "level", "event"])
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertIn(line["level"], ("debug", "info", "warn", "error", "critical"))
            self.assertRegex(line["event"], r"^[a-z_]+\.[a-z_]+$")
            self.assertTrue(line["msg"])

    def test_every_line_of_logfmt_has_them_too(self):
        pair = r'[a-z_]+=(?:[^\s"=\\]+|"(?:[^"\\]|\\.)*")'
        for text in self.busy("logfmt"):
            self.assertRegex(text, rf'^time=\S+Z level=(debug|info|warn|error|critical) event=[a-z_]+\.[a-z_]+( {pair})* msg=\S')
            self.assertRegex(text, rf"^{pair}( {pair})*$")

    def test_every_event_is_described(self):
        """config/log-events.md has exactly the events that the code has, each with its level."""
        said = set()
        for folder, _, names in os.walk(os.path.join(lode.ROOT, "src")):
            for name in names:
                if name.endswith(".cpp"):
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        said |= set(re.findall(r'log_(debug|info|warning|error|critical)\(\s*"([a-z_]+\.[a-z_]+)"', file.read()))
        said.add(("info", "log.left_out"))
        described = set()
        with open(os.path.join(lode.ROOT, "config", "log-events.md"), encoding="utf-8") as file:
            for line in file:
                found = re.match(r"\| `([a-z_]+\.[a-z_]+)` \| ([a-z, ]+) \|", line)
                if found:
                    described |= {(level.strip(), found.group(1)) for level in found.group(2).split(",")}
        names = {"warning": "warn"}
        self.assertEqual({(names.get(level, level), event) for level, event in said}, described)
