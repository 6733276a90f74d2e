"""Real loded processes for the tests: each in a folder of its own, on free ports, ended and cleaned up by its test."""
import contextlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("LODE_E2E_BIN", os.path.join(ROOT, "build", "release", "bin"))
LEVEL = os.environ.get("LODE_E2E_LEVEL", "all")  # quick, all, long
READY_SECONDS = 60
NDJSON = "application/x-ndjson"
SANITIZER_REPORT = re.compile(r"(ERROR|WARNING): \w+Sanitizer|: runtime error: ")


def program(name):
    return os.path.join(BIN, name)


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


CLAIMS = {}  # by port: a name that no other process of tests can take while this one lives


def claim(port):
    """A port that is given out stays its owner's, also while the server that has it is down."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0lode-e2e-port-{port}")
    except OSError:
        name.close()
        return False
    CLAIMS[port] = name
    return True


def free_port(count=1):
    """The first of `count` free ports in a row, below those that the system gives to connections."""
    while True:
        first = random.randrange(20000, 32000)
        claimed = []
        for port in range(first, first + count):
            if not is_free(port) or not claim(port):
                break
            claimed.append(port)
        if len(claimed) == count:
            return first
        for port in claimed:
            CLAIMS.pop(port).close()


def clean_environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("LODE_")}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def lines(self):
        return [json.loads(line) for line in self.text.splitlines() if line]

    def __repr__(self):
        return f"{self.status} {self.body[:600]!r}"


class Server:
    """One loded on `folder`; start, stop (SIGTERM), kill (SIGKILL), and start again on the same data."""

    def __init__(self, folder, *flags, environment=None):
        self.folder, self.flags, self.environment = folder, list(flags), environment or {}
        self.data_dir = os.path.join(folder, "data")
        self.log_file = os.path.join(folder, "loded.log")
        self.process = None
        self.port = self.tcp_port = None
        self.connection = None

    def command(self):
        return [program("loded"), "--data-dir", self.data_dir, "--http-listen", f"127.0.0.1:{self.port}",
                "--tcp-listen", f"127.0.0.1:{self.tcp_port}", *self.flags]

    def start(self):
        """Starts and waits until /readyz says 200; the seconds that took."""
        started = time.monotonic()
        for answer in self.starting():
            if answer.status == 200:
                break
        return time.monotonic() - started

    def starting(self):
        """Starts; what /readyz answers, again and again."""
        started = time.monotonic()
        self.begin()
        while time.monotonic() - started < READY_SECONDS:
            if self.process.poll() is not None and self.log.endswith("Address already in use\n"):
                self.begin()  # somebody took a port since it was found free
            if self.process.poll() is not None:
                raise AssertionError(f"loded ended with {self.process.returncode}:\n{self.log[-4000:]}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                yield self.get("/readyz", verbose="")
            time.sleep(0.01)
        raise AssertionError(f"loded was not ready after {READY_SECONDS} s:\n{self.log[-4000:]}")

    def begin(self):
        self.begin_at(free_port(), free_port())

    def begin_at(self, port, tcp_port):
        self.port, self.tcp_port = port, tcp_port
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**clean_environment(), **self.environment})

    def stop(self):
        self.close()
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("loded did not end within 30 s of SIGTERM") from None
        return self.process.returncode if self.process else None

    def kill(self):
        self.close()
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    @property
    def log(self):
        if not os.path.exists(self.log_file):
            return ""  # never started
        with open(self.log_file, encoding="utf-8", errors="replace") as file:
            return file.read()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    # HTTP: one keep-alive connection, for one thread.
    def request(self, method, path, body=None, headers=None, parameters=None):
        if parameters:
            path += "?" + urllib.parse.urlencode(parameters, safe=",.*")
        if isinstance(body, str):
            body = body.encode()
        for attempt in (1, 2):
            if not self.connection:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            reused = self.connection.sock is not None
            try:
                self.connection.request(method, path, body=body, headers=headers or {})
                answer = self.connection.getresponse()
                return Answer(answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read())
            except (http.client.HTTPException, OSError):
                self.close()
                if not reused or attempt == 2 or method != "GET":
                    raise
        raise AssertionError("unreachable")

    def get(self, path, **parameters):
        return self.request("GET", path, parameters=parameters)

    def post(self, events, content_type=None, encoding=None, parameters=None, headers=None):
        """Events as one JSON object, an array, or a body as it is."""
        if isinstance(events, (dict, list)):
            events = json.dumps(events)
        all_headers = {"Content-Type": content_type or "application/json", **(headers or {})}
        if encoding:
            all_headers["Content-Encoding"] = encoding
        return self.request("POST", "/v1/events", events, all_headers, parameters)

    def post_ndjson(self, events, **options):
        return self.post("".join(json.dumps(event) + "\n" for event in events), NDJSON, **options)

    def retry(self, offset, corrected=None):
        """Retries a record from quarantine, as it is or corrected."""
        body = json.dumps(corrected) if corrected else ""
        return self.request("POST", f"/v1/quarantine/{offset}/retry", body, {"Content-Type": "application/json"})

    def rows(self, path, **parameters):
        """Every row of a table, page by page."""
        rows, cursor = [], None
        while True:
            page = self.get(path, limit=10000, **parameters, **({"cursor": cursor} if cursor else {}))
            if page.status != 200:
                raise AssertionError(f"{path}: {page}")
            rows.extend(page.json["rows"])
            cursor = page.json.get("next_cursor")
            if not cursor:
                return rows

    def log_records(self):
        """Every record that is left, and the gaps between them."""
        records, following = [], 0
        while True:
            rows = self.get("/v1/log", **{"from": following, "limit": 10000}).json["rows"]
            if not rows:
                return records
            records += rows
            following = rows[-1].get("offset", rows[-1].get("gap", {}).get("to")) + 1

    def gold(self, view, **parameters):
        return self.rows(f"/v1/gold/{view}", **parameters)


class LodeTest(unittest.TestCase):
    """A test with a folder of its own and the servers it starts; both are gone afterwards."""

    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lode-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def server(self, *flags, name="node", **options):
        folder = os.path.join(self.folder, name)
        os.makedirs(folder, exist_ok=True)
        server = Server(folder, *flags, **options)
        self.addCleanup(lambda: self.assert_no_report(server.log))
        self.addCleanup(server.kill)
        return server

    def started(self, *flags, **options):
        server = self.server(*flags, **options)
        server.start()
        return server

    def run_program(self, name, *arguments, stdin=None, timeout=120, check=False, environment=None):
        done = subprocess.run([program(name), *arguments], input=stdin, capture_output=True, timeout=timeout,
                              env={**clean_environment(), **(environment or {})},
                              **({} if stdin is not None else {"stdin": subprocess.DEVNULL}))
        done.stdout, done.stderr = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        self.assert_no_report(done.stderr)
        if check:
            self.assertEqual(done.returncode, 0, f"{name} {arguments}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done

    # Scripts of tools/ that serve until they are told to end.
    def begin_script(self, command):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=clean_environment())
        self.addCleanup(process.kill)
        for line in process.stdout:
            if line.startswith("serving"):
                return process
        self.fail(f"{command} ended with {process.wait(30)} and does not serve")

    def end_script(self, process):
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 0)
        process.stdout.close()

    def assert_wrong_usage(self, command):
        """It names itself and what is wrong."""
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2, command)
        self.assertTrue(done.stderr.startswith(os.path.basename(command[0]) + ": "), done.stderr)

    def assert_no_report(self, output):
        """No sanitizer has found anything: a server that is killed can't tell it by its exit code."""
        report = SANITIZER_REPORT.search(output)
        if report:
            self.fail(output[report.start():][:8000])

    def assert_problem(self, answer, status, code, pointer=None):
        """An RFC 9457 answer with this status and code."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers.get("content-type", "").split(";")[0], "application/problem+json", answer)
        body = answer.json
        self.assertEqual(body.get("code"), code, body)
        self.assertEqual(body.get("status"), status, body)
        self.assertTrue(body.get("detail") or body.get("title"), body)
        if pointer is not None:
            self.assertEqual(body.get("pointer"), pointer, body)
        return body

    def assert_no_differences(self, problems):
        if problems:
            self.fail(f"{len(problems)} cells differ:\n" + "\n".join(sorted(problems)[:20]))


def lag(server):
    """{(unit, materializer): lag} as /metrics has it."""
    found = re.findall(r'^lode_materializer_lag_(\w+){materializer="(\w+)"} (\S+)$', server.get("/metrics").text, re.M)
    return {(unit, materializer): float(value) for unit, materializer, value in found}


def wait_for(condition, seconds=20):
    """What `condition` returns once that is true."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"what was waited for did not happen within {seconds} s")


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout
