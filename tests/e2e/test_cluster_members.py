"""Nodes that come to a cluster and leave it while it serves."""
import itertools
import socket

import certificates
import cluster
import load
import lode
import shop


def purchases(count=None):
    for start in itertools.count(0, 10) if count is None else range(0, count, 10):
        yield [shop.purchase(number) for number in range(start, start + 10)]


class Members(cluster.ClusterTest):
    def busy(self, nodes):
        made = load.Load(nodes, purchases(), per_second=500, timeout=10).start()
        self.addCleanup(made.stop)
        return made

    def add(self, made, node_id, asked=1, voters=3):
        """A new empty node until it votes."""
        made.prepare(node_id)
        self.assertEqual(made[node_id].facts()["state"], "waiting")
        answer = made.command(asked, "add", id=node_id, address=made.address(node_id))
        self.assertEqual(answer.status, 200, answer)
        made.wait_members(voters, standbys=1)
        answer = made.command(asked, "promote", id=node_id)
        self.assertEqual(answer.status, 200, answer)
        made.wait_members(voters + 1)
        made[node_id].wait_ready()

    def test_one_comes_under_load_and_one_goes(self):
        made = self.started_cluster()
        busy = self.busy([made[1], made[3]])
        lode.wait_for(lambda: busy.count() > 20)
        self.add(made, 4, asked=made.followers()[0].id)
        member = next(node for node in made[1].facts()["nodes"] if node["id"] == 4)
        self.assertEqual(member["role"], "voter")
        answer = made.command(1, "remove", id=2)
        self.assertEqual(answer.status, 200, answer)
        lode.wait_for(lambda: (made[2].facts() or {}).get("state") == "removed")
        self.assertEqual(made[2].readiness()[0], 503)
        made.forget(2)
        made.wait_members(3)
        busy.stop()
        self.assertEqual((busy.problems, busy.refused_more_than_once()), ([], []))
        made.wait_same()
        self.assert_same_log(made)
        self.assert_same_rows(made)
        made[1].kill()  # of 1, 3 and 4, two are a majority
        made.wait_leader(but=1)
        self.assertEqual(load.Client([made[4]]).post([shop.purchase(0)]).results[0]["status"], "duplicate")

    def test_the_leader_can_be_removed(self):
        made = self.started_cluster()
        leader, other = made.wait_agreed(), made.followers()[0]
        answer = made.command(other.id, "remove", id=leader.id)
        self.assertEqual(answer.status, 200, answer)
        made.wait_leader(but=leader.id)
        lode.wait_for(lambda: (leader.facts() or {}).get("state") == "removed")
        made.forget(leader.id)
        made.wait_members(2)
        self.assertEqual(load.Client(made).post([shop.purchase(0)]).results[0]["status"], "accepted")

    def test_a_wiped_node_comes_back_under_another_id_only(self):
        made = self.started_cluster()
        load.Client(made).post([shop.purchase(number) for number in range(50)])
        made.wait_same()
        follower = made.followers()[0]
        follower.wipe()
        follower.serve()
        status, text = lode.wait_for(lambda: "wiped" in follower.readiness()[1] and follower.readiness())
        self.assertEqual(status, 503, text)
        self.assertRegex(text, "id")
        self.assertIn("wiped", follower.log)
        told = [node for node in made if node is not follower and f"node {follower.id}" in node.log and "wiped" in node.log]
        self.assertTrue(told, "no other node's log names it")
        answer = follower.post(shop.purchase(50))
        self.assertEqual(answer.status, 503, answer)
        self.assertEqual(load.Client([made.wait_leader()], timeout=10).post([shop.purchase(50)]).results[0]["offset"], 50)
        old = follower.id
        made.forget(old)
        made.prepare(7)
        asked = made.wait_leader().id
        made.ctl(asked, "replace", old, f"7={made.address(7)}")
        made.wait_members(3)
        made[7].wait_ready()
        made.wait_same()
        self.assert_same_log(made)
        self.assert_same_rows(made)
        again = made.command(asked, "add", id=old, address="127.0.0.1:1")
        self.assert_problem(again, 409, "id_used_before")

    def test_lodectl_takes_a_node_in_and_lets_one_go(self):
        made = self.started_cluster()
        made.prepare(4)
        made.ctl(1, "add", f"4={made.address(4)}", "--standby")
        made.ctl(2, "promote", 4)  # waits until the standby has caught up
        made.wait_members(4)
        made.ctl(3, "transfer", 4)
        self.assertIs(made.wait_leader(), made[4])
        self.assertRegex(made.ctl(4, "status").stdout, "leader")
        self.assertNotEqual(made.ctl(1, "promote", 9, check=False).returncode, 0)
        made.ctl(1, "remove", 3, "--yes")
        made.forget(3)
        made.wait_members(3)
        made.prepare(5)
        made.ctl(1, "add", f"5={made.address(5)}")
        self.assertIn((5, "voter"), [(node["id"], node["role"]) for node in made[1].facts()["nodes"]])

    def test_wrong_commands(self):
        made = self.started_cluster()
        for name, members, status, code in (
                ("add", {"id": 2, "address": "127.0.0.1:1"}, 409, "already_member"),
                ("promote", {"id": 9}, 404, "no_such_node"), ("remove", {"id": 9}, 404, "no_such_node"),
                ("add", {"id": 9}, 400, "missing_field"), ("init", {}, 409, "already_in_cluster")):
            with self.subTest(name=name, **members):
                self.assert_problem(made.command(1, name, **members), status, code)


class Tls(cluster.ClusterTest):
    def test_nodes_show_each_other_certificates(self):
        authority, stranger = (certificates.Authority(self.folder, name) for name in ("authority", "stranger"))
        made = self.cluster()
        for node in made:
            node.flags = [*node.flags, *authority.flags(node.id)]
        made.start()
        client = load.Client(made, timeout=10)
        client.post([shop.purchase(number) for number in range(20)])
        made.wait_same()
        follower, *_ = made.followers()
        good = follower.flags
        for wrong in (stranger.flags(follower.id), None):
            follower.stop()
            follower.flags = wrong or []
            follower.serve()
            others = [node for node in made if node is not follower]
            self.assertEqual(load.Client(others, timeout=10).post([shop.purchase(20)]).results[0]["offset"], 20)
            lode.time.sleep(1)  # several election timeouts
            self.assertFalse(follower.is_ready())
            self.assertEqual(follower.status()["applied"]["offset"], 19)
            self.assertIn(made.wait_leader(), others)
        follower.stop()
        follower.flags = good
        follower.begin()
        follower.wait_ready()
        made.wait_same()
        with socket.create_connection(("127.0.0.1", made[1].cluster_port), 5) as plain:
            plain.sendall(b"LP\1\1" + bytes(60))
            plain.settimeout(5)
            self.assertNotIn(b"LP", plain.recv(100))

    def test_another_nodes_certificate_is_refused(self):
        authority = certificates.Authority(self.folder, "authority")
        made = self.cluster(count=1)
        made[1].flags = authority.flags(2)
        done = self.run_program("loded", *made[1].command()[1:], timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("lode-node-1", done.stderr)
