"""Clusters of real loded processes on loopback, with a TCP gate between each ordered pair of nodes.

A node keeps its ports over restarts. Node i calls node j over the gate (i, j); a node that is added later is called by all over
one gate, (0, j). Tests of their own folder: the cluster ends its processes and gates, its owner removes the folder.
"""
import contextlib
import hashlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import time
import types

import gate
import lode

TABLES = ["/v1/gold/daily_sales", "/v1/gold/daily_product_sales", "/v1/gold/customer_product_affinity",
          "/v1/gold/product_popularity", "/v1/gold/customer_insights", "/v1/silver/orders", "/v1/silver/order_lines",
          "/v1/silver/customers", "/v1/silver/products"]
FORM_SECONDS = 30
AGAIN = ("change_in_progress", "not_caught_up", "not_connected", "no_leader")


def ask(port, method, path, body=None, headers=None, timeout=5):
    """The answer over a connection of its own, or None when none came: from any thread, from a node in any state."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return lode.Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class Node(lode.Server):
    """One member, or one that is to become it."""

    def __init__(self, owner, node_id, peers):
        folder = os.path.join(owner.folder, f"node{node_id}")
        os.makedirs(folder, exist_ok=True)
        super().__init__(folder, *owner.flags)
        self.id, self.peers = node_id, peers
        self.port, self.tcp_port, self.cluster_port = (lode.free_port() for _ in range(3))

    def command(self):
        flags = ["--cluster-id", str(self.id), "--cluster-listen", f"127.0.0.1:{self.cluster_port}"]
        peers = [f"{peer}=127.0.0.1:{port}" for peer, port in self.peers().items()]
        return [*super().command(), *flags, *(["--cluster-peers", ",".join(peers)] if peers else [])]

    def begin(self):
        self.begin_at(self.port, self.tcp_port)

    def serve(self):
        """Starts it, and waits until it answers: it may be neither ready nor a member."""
        for _ in self.starting():
            self.close()  # an empty node that is taken in starts its HTTP server anew
            return self

    def ask(self, method, path, body=None, headers=None, timeout=5):
        return ask(self.port, method, path, body, headers, timeout)

    def facts(self):
        """What /v1/cluster says, or None."""
        answer = self.ask("GET", "/v1/cluster", timeout=2)
        return answer.json if answer and answer.status == 200 else None

    def status(self):
        answer = self.ask("GET", "/v1/status", timeout=2)
        return answer.json if answer and answer.status == 200 else None

    def readiness(self):
        """(status, text) of /readyz?verbose, or None."""
        answer = self.ask("GET", "/readyz?verbose", timeout=2)
        return (answer.status, answer.text) if answer else None

    def is_ready(self):
        return (self.readiness() or (0, ""))[0] == 200

    def wait_ready(self, seconds=FORM_SECONDS):
        try:
            lode.wait_for(self.is_ready, seconds)
        except AssertionError:
            raise AssertionError(f"node {self.id} is not ready: {self.readiness()}\n{self.log[-3000:]}") from None
        return self

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.resume()
        super().kill()

    def wipe(self):
        self.kill()
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def text(self, path):
        """All rows of a table as NDJSON, page by page."""
        pieces, cursor = [], None
        while True:
            page = self.request("GET", path, headers={"Accept": lode.NDJSON},
                                parameters={"limit": 10000, **({"cursor": cursor} if cursor else {})})
            if page.status != 200:
                raise AssertionError(f"node {self.id}, {path}: {page}")
            pieces.append(page.body)
            cursor = page.headers.get("lode-next-cursor")
            if not cursor:
                return b"".join(pieces)

    def log_text(self):
        """Every record of the log as it is answered."""
        pieces, count = [], 0
        while True:
            page = self.request("GET", "/v1/log", headers={"Accept": lode.NDJSON}, parameters={"from": count, "limit": 10000})
            if page.status != 200:
                raise AssertionError(f"node {self.id}, the log: {page}")
            if not page.body:
                return b"".join(pieces)
            pieces.append(page.body)
            last = json.loads(page.body.splitlines()[-1])
            count = last.get("offset", last.get("gap", {}).get("to")) + 1


class Cluster:
    """`count` nodes in folders of `folder`; nothing runs before start(). Not `gated`: they call each other without gates."""

    def __init__(self, folder, *flags, count=3, gated=True):
        self.folder, self.flags, self.gated = folder, list(flags), gated
        self.gates, self.links, self.nodes = gate.Gates(), {}, {}
        self.members = range(1, count + 1)
        for node_id in self.members:
            self.nodes[node_id] = self.make(node_id)
        for i in self.members:
            for j in self.members:
                if i != j:
                    self.link(i, j)

    def make(self, node_id):
        return Node(self, node_id, lambda: {node_id: self.nodes[node_id].cluster_port, **self.ports_from(node_id)})

    def link(self, i, j):
        port = self.nodes[j].cluster_port
        self.links[i, j] = self.gates.gate(port) if self.gated else types.SimpleNamespace(port=port)

    def ports_from(self, i):
        return {j: link.port for (k, j), link in self.links.items() if k == i}

    def __getitem__(self, node_id):
        return self.nodes[node_id]

    def __iter__(self):
        return iter(list(self.nodes.values()))

    def start(self):
        """All nodes, made one cluster by node 1, ready."""
        for node in self:
            node.begin()
        for node in self:
            lode.wait_for(lambda node=node: self.is_up(node))
        self.ctl(1, "init")
        for node in self:
            node.wait_ready()
        self.wait_members(voters=len(self.nodes))
        return self

    def is_up(self, node):
        """Answers; begins again on other ports when somebody took one since it was found free."""
        if self.gated and node.process.poll() is not None and node.log.endswith("Address already in use\n"):
            node.port, node.tcp_port, node.cluster_port = (lode.free_port() for _ in range(3))
            for (_, j), link in self.links.items():
                if j == node.id:
                    link.target = node.cluster_port
            node.begin()
        return node.readiness()

    def close(self):
        for node in self:
            with contextlib.suppress(ProcessLookupError):
                node.kill()
        self.gates.close()

    def ctl(self, node_id, *arguments, check=True, timeout=120):
        """lodectl cluster ARGUMENT... at a node."""
        done = subprocess.run([lode.program("lodectl"), "--server", self.nodes[node_id].url, "cluster", *map(str, arguments)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
                              env=lode.clean_environment())
        if check and done.returncode != 0:
            raise AssertionError(f"lodectl cluster {arguments}: {done.returncode} {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done

    def command(self, node_id, name, **members):
        """POST /v1/admin/cluster/NAME at a node; again while another change is under way or there is no leader."""
        ends = time.monotonic() + FORM_SECONDS
        while True:
            answer = self.nodes[node_id].ask("POST", f"/v1/admin/cluster/{name}", json.dumps(members),
                                             {"Content-Type": "application/json"}, timeout=30)
            again = answer and answer.status in (409, 503) and answer.json["code"] in AGAIN
            if not again or time.monotonic() > ends:
                return answer
            time.sleep(0.05)

    # Members.
    def prepare(self, node_id):
        """A node beside the members, started and empty; its address is `address(node_id)`."""
        node = self.make(node_id)
        self.nodes[node_id] = node
        for other in list(self.nodes):
            if other != node_id:
                self.link(node_id, other)
        self.link(0, node_id)
        return node.serve()

    def address(self, node_id):
        return f"127.0.0.1:{self.links[0, node_id].port}"

    def forget(self, node_id):
        """Ends a node that is no member any more."""
        self.nodes.pop(node_id).kill()

    def wait_members(self, voters, standbys=0, seconds=FORM_SECONDS):
        """Until the leader's configuration, and that of every node that runs, has so many."""
        def formed():
            found = [node.facts() for node in self if node.process and node.process.poll() is None]
            return all(facts and facts["leader"] and roles(facts) == (voters, standbys) for facts in found)

        def roles(facts):
            names = [member["role"] for member in facts["nodes"]]
            return names.count("voter"), names.count("standby")
        try:
            lode.wait_for(formed, seconds)
        except AssertionError:
            raise AssertionError(f"not {voters} voters, {standbys} standbys: {self.describe()}") from None

    # Who leads.
    def leader(self, but=None):
        """The node that says it leads, in the newest term, or None."""
        found = [(facts["term"], node) for node in self if (facts := node.facts()) and facts["state"] == "leader"]
        term, node = max(found, key=lambda pair: pair[0], default=(0, None))
        return node if node and node.id != but else None

    def wait_leader(self, but=None, seconds=20):
        try:
            return lode.wait_for(lambda: self.leader(but), seconds)
        except AssertionError:
            raise AssertionError(f"no leader but {but}: {self.describe()}") from None

    def followers(self):
        leader = self.wait_leader()
        return [node for node in self if node is not leader]

    def wait_agreed(self, seconds=FORM_SECONDS):
        """Until every node runs and names the same leader; the leader."""
        def agreed():
            found = [node.facts() for node in self]
            leaders = {facts["leader"]["id"] if facts and facts["leader"] else None for facts in found}
            return len(leaders) == 1 and leaders.pop()
        try:
            return self.nodes[lode.wait_for(agreed, seconds)]
        except AssertionError:
            raise AssertionError(f"the nodes don't agree on a leader: {self.describe()}") from None

    # The network.
    def cut_off(self, node_id, mode=gate.CUT):
        """Between this node and all others, both ways."""
        for pair, link in self.links.items():
            if node_id in pair:
                link.set(mode)

    def rejoin(self, delay=0.0):
        for link in self.links.values():
            link.open(delay)

    # What the nodes hold.
    def wait_same(self, nodes=None, seconds=60):
        """Until the nodes (default: all) have applied the same entry, and no part of another; fails when their rows differ.
        Nothing may come in."""
        nodes = list(nodes or self)
        found = {}

        def same():
            found.update((node.id, node.status()) for node in nodes)
            places = {(status["applied"]["entry"], status["state_hash"]["offset"]) if status else None for status in found.values()}
            return len(places) == 1 and None not in places
        try:
            lode.wait_for(same, seconds)
        except AssertionError:
            raise AssertionError(f"the nodes did not get to the same entry: {self.describe()}") from None
        hashes = {node_id: status["state_hash"] for node_id, status in found.items()}
        if len({repr(value) for value in hashes.values()}) != 1:
            raise AssertionError(f"state hashes differ at the same entry: {hashes}")
        return found[nodes[0].id]

    def describe(self):
        return {node.id: (node.readiness(), node.facts()) for node in self if node.process}

    def keep_logs(self):
        """A copy of every node's log that outlives the test, for whoever looks into its failure."""
        folder = os.path.join(os.path.dirname(self.folder), os.path.basename(self.folder) + "-logs")
        os.makedirs(folder, exist_ok=True)
        for name in os.listdir(self.folder):
            file = os.path.join(self.folder, name, "loded.log")
            if os.path.exists(file):
                shutil.copy(file, os.path.join(folder, f"{name}.log"))
        return folder


class ClusterTest(lode.LodeTest):
    """A test with clusters of its own."""

    def cluster(self, *flags, **options):
        made = Cluster(self.folder, *flags, **options)
        self.addCleanup(lambda: [self.assert_no_report(node.log) for node in made])
        self.addCleanup(made.close)
        self.addCleanup(self.tell_logs, made)
        return made

    def started_cluster(self, *flags, **options):
        return self.cluster(*flags, **options).start()

    def tell_logs(self, made):
        if getattr(self._outcome.result, "outcome", None) == "failed":
            print(f"the nodes' logs are kept in {made.keep_logs()}", flush=True)

    def assert_same_rows(self, nodes, paths=None):
        """Every cell of every table, and every record where all are members of one cluster."""
        first, *others = nodes
        for path in paths or TABLES:
            expected = first.text(path)
            for other in others:
                self.assert_same_text(path, expected, other.text(path))

    def assert_same_log(self, nodes):
        first, *others = nodes
        expected = first.log_text()
        for other in others:
            self.assert_same_text("/v1/log", expected, other.log_text())
        return expected

    def assert_same_text(self, path, expected, found):
        if hashlib.sha256(expected).digest() == hashlib.sha256(found).digest():
            return
        expected, found = expected.splitlines(), found.splitlines()
        differ = [f"{a!r}\nis not\n{b!r}" for a, b in zip(expected, found) if a != b]
        self.fail(f"{path}: {len(expected)} and {len(found)} rows, {len(differ)} differ:\n" + "\n".join(differ[:3]))
