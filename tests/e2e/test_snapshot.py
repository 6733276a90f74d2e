"""Members below the floor: the others' logs begin later than theirs ends, so they get a state and then the log."""
import http.client
import itertools
import json
import os
import random
import shutil
import threading

import lode
import shop

EVENTS = 20000


def requests(count, first=0):
    for start in range(first, first + count, 1000):
        yield [shop.purchase(number, [shop.line(sku=f"sku-{number % 997}", unit_price=f"{number % 89}.5")],
                             customer={"id": f"c{number}", "country": "France", "email": f"c{number}@example.com"})
               for number in range(start, min(start + 1000, first + count))]


class BelowTheFloor(lode.LodeTest):
    flags = ()

    def setUp(self):
        super().setUp()
        self.ports = {node: (lode.free_port(), lode.free_port(), lode.free_port()) for node in (1, 2, 3, 4)}
        self.nodes = {node: self.begun(node) for node in (1, 2, 3)}
        self.lodectl(1, "cluster", "init", check=True)
        self.wait_ready(*self.nodes)

    def begun(self, node):
        peers = ",".join(f"{peer}=127.0.0.1:{self.ports[peer][2]}" for peer in (1, 2, 3))
        server = self.server("--cluster-id", str(node), "--cluster-listen", f"127.0.0.1:{self.ports[node][2]}",
                             "--cluster-peers", peers, *self.flags, name=f"node{node}")
        server.cluster_id = node
        self.begin(server)
        return server

    def begin(self, server):
        server.begin_at(*self.ports[server.cluster_id][:2])
        lode.wait_for(lambda: self.facts(server))

    def facts(self, server):
        try:
            answer = server.get("/v1/cluster")
            return answer.json if answer.status == 200 else None
        except OSError:
            return None

    def is_ready(self, server):
        try:
            return server.get("/readyz").status == 200
        except OSError:
            return False

    def wait_ready(self, *ids, seconds=60):
        for node in ids:
            try:
                lode.wait_for(lambda node=node: self.is_ready(self.nodes[node]), seconds)
            except AssertionError:
                self.fail(f"node {node}: {self.facts(self.nodes[node])}\n{self.nodes[node].log[-4000:]}")

    def lodectl(self, node, *arguments, **options):
        return self.run_program("lodectl", "--url", self.nodes[node].url, *arguments, **options)

    def leader(self):
        def leading():
            found = [(facts["term"], facts["leader"]["id"]) for server in self.nodes.values()
                     if server.process.poll() is None and (facts := self.facts(server)) and facts["leader"]]
            node = max(found)[1] if found else None
            return node if node in self.nodes and self.nodes[node].process.poll() is None else None
        return lode.wait_for(leading)

    def load(self, count, first=0, at=None):
        for events in requests(count, first):
            answer = self.nodes[at or self.leader()].post_ndjson(events)
            self.assertEqual((answer.status, answer.json["accepted"]), (200, len(events)), answer)

    def truncate(self, node, before):
        """The node's log begins with that record when this returns."""
        def gone():
            answer = self.nodes[node].request("POST", "/v1/admin/log/truncate", json.dumps({"before": before}),
                                              {"Content-Type": "application/json"})
            self.assertEqual(answer.status, 200, answer)
            return answer.json["held_by"] == "" and answer.json
        return lode.wait_for(gone, 30)

    def assert_same(self, seconds=60):
        """All nodes at the same offset with the same rows."""
        def hashes():
            found = {}
            for node, server in self.nodes.items():
                try:
                    found[node] = server.get("/v1/status").json["state_hash"]
                except OSError:
                    return None
            return found if len({value["entry"] for value in found.values()}) == 1 else None
        found = lode.wait_for(hashes, seconds)
        self.assertEqual(len({repr(value) for value in found.values()}), 1, found)
        return found

    def fetched(self, node):
        """How often the node took a state over."""
        return self.nodes[node].log.count("the state of another node is in place here")

    def incoming(self, node):
        folder = os.path.join(self.nodes[node].data_dir, "incoming", "files")
        return os.listdir(folder) if os.path.isdir(folder) else []

    def member(self, node):
        return next((member for member in self.facts(self.nodes[self.leader()])["nodes"] if member["id"] == node), None)

    def test_a_new_node(self):
        self.load(EVENTS)
        for node in (1, 2, 3):
            self.truncate(node, EVENTS - 2000)
        self.nodes[4] = self.begun(4)
        self.lodectl(self.leader(), "cluster", "add", f"4=127.0.0.1:{self.ports[4][2]}", check=True)
        self.wait_ready(4)
        self.assertEqual(self.fetched(4), 1, self.nodes[4].log)
        self.assertEqual(self.member(4)["role"], "voter")
        self.load(1000, first=EVENTS, at=4)
        self.assert_same()
        status = self.nodes[4].get("/v1/status").json
        self.assertEqual(status["applied"]["offset"], EVENTS + 999)
        self.assertGreater(status["log"]["first_entry"], 1)
        self.assertEqual(self.nodes[4].post(shop.purchase(1)).json["rejected"], 1)  # other content than p1 of the first load
        self.assertEqual(self.nodes[4].post(next(requests(1))).json["duplicates"], 1)
        self.nodes.pop(next(node for node in (1, 2, 3) if node != self.leader())).kill()
        self.load(1000, first=EVENTS + 1000)  # three of four voters are left, and all must have it
        self.assert_same()

    def test_a_node_that_was_down(self):
        self.load(2000)
        down = self.leader() % 3 + 1
        self.nodes[down].kill()
        others = [node for node in self.nodes if node != down]
        self.load(EVENTS, first=2000)
        for node in others:
            self.truncate(node, EVENTS)
        self.begin(self.nodes[down])
        self.wait_ready(down)
        self.assertEqual(self.fetched(down), 1, self.nodes[down].log)
        self.load(1000, first=EVENTS + 2000, at=down)
        self.assert_same()
        self.nodes[down].kill()
        self.begin(self.nodes[down])
        self.wait_ready(down)
        self.assertEqual(self.fetched(down), 1)  # it is a member as any other now
        self.nodes[self.leader()].kill()
        self.assertNotEqual(lode.wait_for(self.leader), None)

    def lose(self, state, damaged):
        if not damaged:
            return shutil.rmtree(state)
        with open(os.path.join(state, "damaged"), "w", encoding="utf-8") as mark:
            mark.write("found by a read\n")

    def test_a_member_without_its_state(self):
        self.load(EVENTS)
        for node in (1, 2, 3):
            self.truncate(node, EVENTS - 2000)
        lost = self.leader() % 3 + 1
        for again in (1, 2, 3):
            self.nodes[lost].kill()
            for name in os.listdir(self.nodes[lost].data_dir):
                if name.startswith("state"):
                    self.lose(os.path.join(self.nodes[lost].data_dir, name), damaged=again == 2)
            self.load(1000, first=EVENTS + again * 1000)
            self.begin(self.nodes[lost])
            self.wait_ready(lost)
            self.assertEqual(self.fetched(lost), again, self.nodes[lost].log)
            self.assert_same()
        self.load(1000, first=EVENTS + 5000, at=lost)


class Moving(BelowTheFloor):
    """All nodes drop their logs' beginnings all the time, while somebody writes."""
    flags = ("--log-retention-bytes", str(2 << 20))

    test_a_new_node = test_a_node_that_was_down = test_a_member_without_its_state = None

    def write(self, stopping, accepted):
        dice = random.Random(4)
        for first in itertools.count(0, 100):
            events = [shop.purchase(number, attributes={"x": dice.randbytes(600).hex()}) for number in range(first, first + 100)]
            while not stopping.is_set():
                node = dice.choice([node for node, server in self.nodes.items() if server.process.poll() is None])
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", self.ports[node][0], timeout=10)
                    connection.request("POST", "/v1/events", "".join(json.dumps(event) + "\n" for event in events),
                                       {"Content-Type": lode.NDJSON})
                    answer = connection.getresponse()
                    body = answer.read()
                    if answer.status == 200:
                        accepted.append(json.loads(body)["accepted"] + json.loads(body)["duplicates"])
                        break
                except (OSError, http.client.HTTPException):
                    pass
                finally:
                    connection.close()
            if stopping.is_set():
                return

    def last(self, node):
        return self.nodes[node].get("/v1/status").json["log"]["last_entry"]

    def test_while_it_moves(self):
        stopping, accepted = threading.Event(), []
        writer = threading.Thread(target=self.write, args=(stopping, accepted))
        writer.start()
        self.addCleanup(writer.join)
        self.addCleanup(stopping.set)
        for turn in range(4):
            down = self.leader() if turn % 2 else self.leader() % 3 + 1
            self.nodes[down].kill()
            others = [self.nodes[node] for node in self.nodes if node != down]
            had = max(self.last(node) for node in self.nodes if node != down)  # what it had, or more
            lode.wait_for(lambda: all(node.get("/v1/status").json["log"]["first_entry"] > had + 1 for node in others), 90)
            self.begin(self.nodes[down])
            self.wait_ready(down, seconds=90)
            self.assertGreaterEqual(self.fetched(down), 1)
        stopping.set()
        writer.join()
        self.assert_same()
        orders = sum(row["transactions"] for row in self.nodes[1].gold("daily_sales"))
        self.assertIn(orders - sum(accepted), (0, 100))  # the last request's answer may not have been waited for


class Interrupted(BelowTheFloor):
    """The nodes send slowly."""
    flags = ("--cluster-snapshot-bytes-per-second", str(1 << 20))

    test_a_new_node = test_a_node_that_was_down = test_a_member_without_its_state = None

    def begin_fetch(self):
        self.load(2000)
        down = self.leader() % 3 + 1
        self.nodes[down].kill()
        self.load(3 * EVENTS, first=2000)
        for node in self.nodes:
            if node != down:
                self.truncate(node, 3 * EVENTS)
        self.begin(self.nodes[down])
        lode.wait_for(lambda: self.incoming(down), 60)
        return down

    def test_the_one_that_receives_is_killed(self):
        down = self.begin_fetch()
        for _ in range(3):
            lode.wait_for(lambda: [name for name in self.incoming(down) if name.endswith(".part")], 60)
            self.assertEqual(self.fetched(down), 0)
            self.nodes[down].kill()
            self.begin(self.nodes[down])
        self.wait_ready(down, seconds=120)
        self.assertEqual(self.fetched(down), 1)
        self.load(1000, first=3 * EVENTS + 2000, at=down)
        self.assert_same()

    def test_the_one_that_sends_is_killed(self):
        down = self.begin_fetch()
        sends = self.leader()
        self.assertEqual(self.fetched(down), 0)
        self.nodes[sends].kill()
        self.begin(self.nodes[sends])
        self.wait_ready(*self.nodes, seconds=120)
        self.assertGreaterEqual(self.fetched(down), 1)
        self.load(1000, first=3 * EVENTS + 2000, at=down)
        self.assert_same()
