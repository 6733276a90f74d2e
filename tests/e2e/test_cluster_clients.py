"""Three nodes as clients and operators meet them: forwarding and 307, linearizable reads, lodectl, a lost majority."""
import json

import frames
import lode
import shop


class Nodes(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.ports = {node: lode.free_port() for node in (1, 2, 3, 4)}
        self.nodes = {node: self.begun(node) for node in (1, 2, 3)}
        self.lodectl(1, "cluster", "init", check=True)
        for node in self.nodes.values():
            lode.wait_for(lambda node=node: node.get("/readyz").status == 200)
        # What a node knows of the leader's addresses comes with the facts, every second.
        lode.wait_for(lambda: all((node.get("/v1/cluster").json["leader"] or {}).get("http") for node in self.nodes.values()))

    def begun(self, node):
        peers = ",".join(f"{peer}=127.0.0.1:{self.ports[peer]}" for peer in (1, 2, 3))
        server = self.server("--cluster-id", str(node), "--cluster-listen", f"127.0.0.1:{self.ports[node]}",
                             "--cluster-peers", peers, name=f"node{node}")
        server.begin()
        lode.wait_for(lambda: self.answers(server))
        return server

    def answers(self, server):
        try:
            return server.get("/livez").status == 200
        except OSError:
            return False

    def lodectl(self, node, *arguments, **options):
        return self.run_program("lodectl", "--url", self.nodes[node].url, *arguments, **options)

    def leader(self):
        return lode.wait_for(lambda: self.nodes[1].get("/v1/cluster").json["leader"])["id"]

    def follower(self):
        return self.leader() % 3 + 1

    def test_a_write_that_may_not_be_forwarded_is_sent_to_the_leader(self):
        follower, leader = self.nodes[self.follower()], self.nodes[self.leader()]
        answer = follower.post(shop.purchase(1), headers={"Lode-Forward": "no"}, parameters={"ack": "committed"})
        self.assert_problem(answer, 307, "not_leader")
        self.assertEqual(answer.headers["location"], f"{leader.url}/v1/events?ack=committed")
        self.assert_problem(follower.request("POST", "/v1/quarantine/0/retry", "", {"Lode-Forward": "no"}), 307, "not_leader")
        self.assert_problem(follower.post(shop.purchase(1), headers={"Lode-Forward": "maybe"}), 400, "invalid_parameter")
        self.assertEqual(leader.post(shop.purchase(1), headers={"Lode-Forward": "no"}).json["accepted"], 1)
        self.assertEqual(follower.post(shop.purchase(1)).json["duplicates"], 1)
        client = frames.Client(follower.tcp_port)
        body = {0: ("tables", [{0: ("B", 1), 1: ("bytes", json.dumps(shop.purchase(2)).encode())}]), 3: ("B", 1)}
        client.send(frames.APPEND, body)
        _, kind, error = client.receive()
        self.assertEqual((kind, error.number(0, "H"), error.text(1), error.text(5)),
                         (frames.ERROR, 307, "not_leader", f"127.0.0.1:{leader.tcp_port}"))
        client.socket.close()

    def test_a_linearizable_read_has_what_any_node_acknowledged(self):
        for number in range(40):
            writer, reader = self.nodes[number % 3 + 1], self.nodes[(number + 1) % 3 + 1]
            offset = writer.post(shop.purchase(number), parameters={"ack": "committed"}).json["first_offset"]
            answer = reader.get(f"/v1/silver/orders/o{number}", consistency="linearizable", wait_ms=10000)
            self.assertEqual(answer.status, 200, answer)
            self.assertGreaterEqual(int(answer.headers["lode-applied-offset"]), offset)

    def test_without_a_majority_reads_go_on_and_writes_do_not(self):
        self.nodes[1].post(shop.purchase(1))
        left = self.nodes[2]
        lode.wait_for(lambda: left.get("/v1/gold/daily_sales").json["rows"])
        self.nodes[1].kill()
        self.nodes[3].kill()
        lode.wait_for(lambda: left.get("/readyz").status == 503)
        self.assertIn("no leader", left.get("/readyz", verbose="").text)
        self.assertEqual(left.get("/v1/gold/daily_sales").status, 200)
        self.assertEqual(left.get("/v1/log/0").status, 200)
        self.assert_problem(left.get("/v1/gold/daily_sales", consistency="linearizable"), 503, "no_leader")
        self.assert_problem(left.post(shop.purchase(2)), 503, "no_leader")
        self.assert_problem(left.post(shop.purchase(2), headers={"Lode-Forward": "no"}), 503, "no_leader")
        self.assertEqual(self.lodectl(2, "cluster", "status").returncode, 1)
        self.assertEqual(self.lodectl(2, "cluster", "add", "4=127.0.0.1:9", "--give-up-seconds", "1").returncode, 1)
        wrong = left.request("POST", "/v1/admin/cluster/unsafe-recover", '{"id":1}', {"Content-Type": "application/json"})
        self.assert_problem(wrong, 409, "wrong_node")
        done = self.lodectl(2, "cluster", "unsafe-recover", "--yes")
        self.assertEqual((done.returncode, done.stdout), (0, "node 2 leads\n"), done.stderr)
        lode.wait_for(lambda: left.get("/readyz").status == 200)
        self.assertEqual(left.post([shop.purchase(1), shop.purchase(2)]).json["accepted"], 1)

    def test_members_change_while_it_serves(self):
        self.nodes[1].post([shop.purchase(number) for number in range(100)])
        self.nodes[4] = self.begun(4)
        done = self.lodectl(2, "cluster", "replace", "3", f"4=127.0.0.1:{self.ports[4]}")
        self.assertEqual((done.returncode, done.stdout), (0, "node 4 votes in the place of node 3\n"), done.stderr)
        status = json.loads(self.lodectl(2, "--json", "cluster", "status").stdout)
        self.assertEqual([(node["id"], node["role"]) for node in status["nodes"]], [(1, "voter"), (2, "voter"), (4, "voter")])
        rows = self.nodes[1].gold("daily_sales", consistency="linearizable")
        self.assertEqual(self.nodes[4].gold("daily_sales", consistency="linearizable"), rows)
        used = self.lodectl(2, "cluster", "add", f"3=127.0.0.1:{self.ports[3]}")
        self.assertEqual(used.returncode, 1)
        self.assertIn("id_used_before", used.stderr)
        urls = ",".join([self.nodes[3].url, self.nodes[1].url])
        self.nodes[3].kill()
        self.assertEqual(self.run_program("lodectl", "--url", urls, "cluster", "status").returncode, 0)
