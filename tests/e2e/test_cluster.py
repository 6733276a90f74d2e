"""Three nodes: how they become a cluster, and that any of them takes writes and answers reads."""
import json
import re
import tempfile
import urllib.parse

import cluster
import event_stream
import frames
import load
import lode
import shop
import streams
import twin


def unique(events):
    """The first of each event id: the others are duplicates or conflicts, by what came first."""
    first = {}
    for event in events:
        first.setdefault((event["source"], event["event_id"]), event)
    return list(first.values())


class Forming(cluster.ClusterTest):
    def test_nodes_wait_until_one_is_told_to_begin(self):
        three = self.cluster()
        for node in three:
            node.serve()
        for node in three:
            status, text = node.readiness()
            self.assertEqual(status, 503)
            self.assertRegex(text, "init")
            self.assertEqual(node.facts()["state"], "waiting")
            self.assertEqual(node.facts()["cluster"], None)
            self.assertEqual(node.ask("POST", "/v1/events", json.dumps(shop.purchase(1)),
                                      {"Content-Type": "application/json"}).status, 503)
        three.ctl(2, "init")
        for node in three:
            node.wait_ready()
        three.wait_members(voters=3)
        three[1].post(shop.purchase(1))
        three.wait_same()
        self.assertNotEqual(three.ctl(1, "init", check=False).returncode, 0)
        lode.wait_for(lambda: all(f"127.0.0.1:{node.port}" in three.ctl(3, "status").stdout for node in three))
        for node in three:
            node.stop()
        for node in three:  # they know each other now
            node.begin()
        for node in three:
            node.wait_ready()
        self.assertEqual(three[3].post(shop.purchase(1)).json["duplicates"], 1)

    def test_a_node_alone_becomes_three(self):
        one = self.cluster(count=1)
        one[1].start()
        one[1].post([shop.purchase(number) for number in range(100)])
        for node_id in (2, 3):
            one.prepare(node_id)
            answer = one.command(1, "add", id=node_id, address=one.address(node_id))
            self.assertEqual(answer.status, 200, answer)
            one.wait_members(voters=node_id - 1, standbys=1)
            answer = one.command(1, "promote", id=node_id)
            self.assertEqual(answer.status, 200, answer)
            one.wait_members(voters=node_id)
        one[3].wait_ready()
        self.assertEqual(one[3].post(shop.purchase(5)).json["duplicates"], 1)
        one[1].kill()
        one.wait_leader()
        self.assertEqual(load.Client(one).post([shop.purchase(100)]).results[0]["offset"], 100)


class Together(cluster.ClusterTest):
    """One cluster for all of them: no test harms it."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="lode-e2e-")
        cls.addClassCleanup(lode.shutil.rmtree, folder, ignore_errors=True)
        cls.three = cluster.Cluster(folder, "--silver-fee-skus", ",".join(streams.FEE_SKUS))
        cls.addClassCleanup(cls.three.close)
        cls.three.start()

    def numbered(self, number):
        """Orders of this test alone."""
        return f"{self._testMethodName}-{number}"

    def orders(self, node, order, **parameters):
        answer = node.get(f"/v1/silver/orders/o{order}", **parameters)
        return answer.json["rows"] if answer.status == 200 else answer

    def test_every_node_tells_the_same_of_the_cluster(self):
        leader = self.three.wait_agreed()
        found = {node.id: lode.wait_for(lambda node=node: self.connected_facts(node)) for node in self.three}
        self.assertEqual(len({facts["cluster"] for facts in found.values()}), 1)
        self.assertRegex(found[1]["cluster"], "^[0-9a-f]{32}$")
        self.assertEqual(len({facts["ruleset"]["hash"] for facts in found.values()}), 1)
        for node_id, facts in found.items():
            self.assertEqual((facts["node"], facts["leader"]["id"]), (node_id, leader.id))
            self.assertEqual(facts["leader"]["http"], f"127.0.0.1:{leader.port}")
            self.assertEqual(facts["state"], "leader" if node_id == leader.id else "follower")
            self.assertEqual([(node["id"], node["role"]) for node in facts["nodes"]],
                             [(1, "voter"), (2, "voter"), (3, "voter")])
            self.assertEqual([node["id"] for node in facts["nodes"] if node["self"]], [node_id])
            self.assertEqual((facts["divergence"], facts["trouble"], facts["changing"]), (None, "", False))
            self.assertEqual(facts["level"]["active"], facts["level"]["newest"])

    @staticmethod
    def connected_facts(node):
        facts = node.facts()
        return facts if facts and all(other["self"] or other["connected"] for other in facts["nodes"]) else None

    def test_a_write_on_any_node_is_in_its_answers_at_once(self):
        for number in range(10):
            for node in self.three:
                order = self.numbered(f"{number}-{node.id}")
                answer = node.post(shop.purchase(order))
                self.assertEqual((answer.status, answer.json["accepted"]), (200, 1), answer)
                self.assertEqual(self.orders(node, order)[0]["offsets"], [answer.json["first_offset"]])

    def test_an_event_counts_once_whichever_node_it_is_sent_to(self):
        event = shop.purchase(self.numbered(1))
        offset = self.three[1].post(event).json["first_offset"]
        for node in self.three:
            result, = node.post(event, parameters={"results": "all"}).json["results"]
            self.assertEqual((result["status"], result["offset"]), ("duplicate", offset))
            conflict = node.post({**event, "channel": "app"})
            self.assertEqual((conflict.status, conflict.json["results"][0]["code"]), (422, "event_id_conflict"))

    def test_every_verdict_comes_from_a_follower_too(self):
        follower = self.three.followers()[0]
        order = self.numbered(1)
        answer = follower.post([shop.purchase(order), {"event_id": "no"}, shop.refund(self.numbered("r"), order, [
            {"sku": "85123A", "quantity": 9}]), shop.purchase(order)])
        self.assertEqual(answer.status, 207, answer)
        self.assertEqual([(result["index"], result["status"]) for result in answer.json["results"]],
                         [(1, "rejected"), (2, "quarantined"), (3, "duplicate")])
        retried = follower.retry(answer.json["last_offset"], shop.refund(self.numbered("r"), order, [
            {"sku": "85123A", "quantity": 2}]))
        self.assertEqual(retried.json["results"][0]["status"], "accepted", retried)
        self.assertEqual(self.orders(follower, order)[0]["returns"], "5.10")

    def test_committed_is_enough_when_asked_for(self):
        for node in self.three:
            answer = node.post(shop.purchase(self.numbered(node.id)), parameters={"ack": "committed"})
            self.assertEqual((answer.status, answer.json["accepted"]), (200, 1), answer)

    def test_tcp_on_every_node(self):
        for node in self.three:
            client = frames.Client(node.tcp_port)
            self.addCleanup(client.close)
            order = self.numbered(node.id)
            result = client.append([shop.purchase(order), shop.purchase(order)])
            self.assertEqual((result["accepted"], result["duplicates"]), (1, 1), result)
            self.assertEqual(len(self.orders(node, order)), 1)

    def test_a_reader_names_an_offset(self):
        for number in range(10):
            offset = self.three[1].post(shop.purchase(self.numbered(number))).json["first_offset"]
            for node in self.three:
                answer = node.get(f"/v1/silver/orders/o{self.numbered(number)}", min_offset=offset, wait_ms=10000)
                self.assertEqual(answer.status, 200, answer)

    def test_linearizable_reads_see_what_was_acknowledged_anywhere(self):
        nodes = list(self.three)
        for number in range(30):
            order = self.numbered(number)
            nodes[number % 3].post(shop.purchase(order))
            rows = self.orders(nodes[(number + 1) % 3], order, consistency="linearizable", wait_ms=10000)
            self.assertEqual(len(rows), 1)

    def test_a_write_that_is_not_to_be_forwarded(self):
        leader = self.three.wait_agreed()
        for node in self.three:
            event = shop.purchase(self.numbered(node.id))
            answer = lode.wait_for(lambda node=node, event=event: self.not_forwarded(node, event))
            if node is leader:
                self.assertEqual(answer.status, 200, answer)
                continue
            self.assert_problem(answer, 307, "not_leader")
            to = urllib.parse.urlsplit(answer.headers["location"])
            self.assertEqual((to.netloc, to.path), (f"127.0.0.1:{leader.port}", "/v1/events"))
            self.assertEqual(urllib.parse.parse_qs(to.query), {"results": ["all"]})

    @staticmethod
    def not_forwarded(node, event):
        answer = node.post(event, headers={"Lode-Forward": "no"}, parameters={"results": "all"})
        return answer if answer.status != 503 else None  # the leader's address is learned within a second

    def test_the_log_is_followed_on_any_node(self):
        offset = self.three[1].post(shop.purchase(self.numbered("before"))).json["first_offset"]
        for node in self.three:
            stream = event_stream.EventStream(node.port, f"/v1/log?from={offset + 1}")
            self.addCleanup(stream.close)
            order = self.numbered(node.id)
            self.three[1].post(shop.purchase(order))
            while stream.next()["data"].get("event", {}).get("event_id") != f"p{order}":
                pass  # of another node's turn

    def test_leadership_is_handed_over(self):
        counter = iter(range(10**9))
        busy = load.Load(self.three, ([shop.purchase(self.numbered(next(counter)))] for _ in counter), timeout=20).start()
        self.addCleanup(busy.stop)
        for node in self.three:
            self.run_program("lodectl", "--server", node.url, "cluster", "transfer", str(node.id), check=True)
            self.assertIs(self.three.wait_leader(), node)
        busy.stop()
        self.assertEqual(busy.problems, [])
        self.assertEqual(busy.refused_more_than_once(), [])
        print(f"{busy.count()} writes, longest gap {busy.gaps()[0] * 1000:.0f} ms", flush=True)

    def test_metrics_name_the_cluster(self):
        for node in self.three:
            self.assertRegex(node.get("/metrics").text, re.compile("^lode_(cluster|raft)_", re.M))

    def test_many_writers_on_all_nodes(self):
        """Alone at the end of the log: what the other tests wrote is in the twin as it is in the log."""
        events = unique(streams.Stream(5).events(1500))
        busy = load.Load(self.three, streams.batches(events, 5), seed=5, timeout=20).start().wait()
        self.assertEqual(busy.problems, [])
        self.three.wait_same()
        self.assert_same_log(self.three)
        self.assert_same_rows(self.three)
        shop_twin = twin.Twin(streams.FEE_SKUS)
        for record in self.three[2].log_records():
            if record["retry_of"] is None:
                shop_twin.append(record["event"])
            else:
                shop_twin.retry(record["event"], record["retry_of"])
        self.assert_no_differences(twin.all_differences(shop_twin, self.three[3]) +
                                   twin.quarantine_differences(shop_twin, self.three[1]))
