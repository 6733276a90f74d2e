"""Nodes of a cluster that end, hang, are cut off or are lost for good."""
import itertools

import cluster
import gate
import load
import lode
import shop

OUTCOME_SECONDS = 5  # cluster.outcome_ms


def purchases(first=0):
    """Batches of ten, without end."""
    for start in itertools.count(first, 10):
        yield [shop.purchase(number) for number in range(start, start + 10)]


class Harmed(cluster.ClusterTest):
    def busy(self, three, **options):
        made = load.Load(three, purchases(), per_second=500, **options).start()
        self.addCleanup(made.stop)
        return made

    def finish(self, three, busy):
        """Ends the load; every event that was acknowledged is there once, and all nodes hold the same."""
        busy.stop()
        self.assertEqual(busy.problems, [])
        for node in three:
            node.wait_ready()
        three.wait_same()
        self.assert_same_log(three)
        self.assert_same_rows(three)
        records = three[1].log_records()
        self.assertEqual([record["offset"] for record in records], list(range(len(records))))
        ids = [record["event"]["event_id"] for record in records]
        self.assertEqual(len(ids), len(set(ids)))
        for request in busy.acknowledged:
            for event, result in zip(request.events, request.results):
                self.assertEqual(ids[result["offset"]], event["event_id"])

    def progress(self, busy, requests=10, seconds=20):
        enough = busy.count() + requests
        lode.wait_for(lambda: busy.count() >= enough or busy.problems, seconds)


class Failures(Harmed):
    def test_the_leader_ends(self):
        three = self.started_cluster()
        busy = self.busy(three)
        self.progress(busy)
        leader = three.wait_leader()
        leader.kill()
        three.wait_leader(but=leader.id)
        self.progress(busy)
        print(f"longest gap {busy.gaps()[0] * 1000:.0f} ms", flush=True)
        leader.start()
        self.finish(three, busy)

    def test_a_follower_that_was_away_catches_up(self):
        three = self.started_cluster()
        busy = self.busy(three)
        follower = three.followers()[0]
        follower.kill()
        self.progress(busy, 50)
        follower.start()
        self.finish(three, busy)

    def test_all_end_at_once(self):
        three = self.started_cluster()
        busy = self.busy(three)
        self.progress(busy)
        for node in three:
            node.process.kill()
        for node in three:
            node.kill()
        for node in three:
            node.begin()
        self.progress(busy)
        self.finish(three, busy)

    def test_a_majority_is_lost_and_comes_back(self):
        three = self.started_cluster()
        client = load.Client(three)
        client.post([shop.purchase(number) for number in range(10)])
        three.wait_same()
        one, two, alone = three.wait_leader(), *three.followers()
        one.kill()
        two.kill()
        body = lambda number: alone.post(shop.purchase(number))
        refused = lode.wait_for(lambda: (answer := body(10)).json.get("code") == "no_leader" and answer, 10)
        self.assert_problem(refused, 503, "no_leader")
        started = lode.time.monotonic()
        self.assert_problem(body(11), 503, "no_leader")
        self.assertLess(lode.time.monotonic() - started, 1)
        status, text = alone.readiness()
        self.assertEqual(status, 503, text)
        self.assertRegex(text, "leader|majority")
        self.assertEqual(len(alone.gold("daily_sales")), 1)
        self.assertEqual(alone.get("/v1/silver/orders/o3").status, 200)
        self.assertEqual(alone.ask("GET", "/livez").status, 200)
        read = alone.get("/v1/silver/orders/o3", consistency="linearizable")
        self.assertEqual(read.status, 503, read)
        two.begin()
        two.wait_ready()
        alone.wait_ready()
        self.assertEqual(client.post([shop.purchase(10)]).results[0]["status"], "accepted")
        one.begin()
        one.wait_ready()
        self.assertEqual(three.wait_same()["applied"]["offset"] >= 10, True)

    def test_one_survivor_goes_on_alone_when_it_is_told(self):
        three = self.started_cluster()
        load.Client(three).post([shop.purchase(number) for number in range(10)])
        three.wait_same()
        survivor, *lost = three
        self.assertEqual(three.command(1, "unsafe-recover", id=1).status, 409)  # a majority is there
        for node in lost:
            node.kill()
        lode.wait_for(lambda: (survivor.facts() or {}).get("leader") is None)
        wrong = three.command(1, "unsafe-recover", id=2)
        self.assertEqual(wrong.status, 409, wrong)
        answer = three.command(1, "unsafe-recover", id=1)
        self.assertEqual(answer.status, 200, answer)
        survivor.wait_ready()
        self.assertEqual(load.Client([survivor]).post([shop.purchase(10)]).results[0]["offset"], 10)
        self.assertRegex(survivor.log, "(?i)unsafe")
        self.assertEqual(len(survivor.facts()["nodes"]), 1)
        for node in lost:
            three.forget(node.id)
        three.prepare(4)
        self.assertEqual(three.command(1, "add", id=4, address=three.address(4)).status, 200)
        three.wait_members(voters=1, standbys=1)
        three[4].wait_ready()
        three.wait_same()
        self.assert_same_rows(three)


class Network(Harmed):
    def test_a_leader_that_hangs(self):
        three = self.started_cluster()
        busy = self.busy(three, timeout=1)
        self.progress(busy)
        leader = three.wait_leader()
        leader.pause()
        three.wait_leader(but=leader.id)
        self.progress(busy)
        leader.resume()
        self.finish(three, busy)

    def test_a_leader_that_is_cut_off(self):
        three = self.started_cluster()
        busy = self.busy(three, timeout=8)
        for mode in (gate.CUT, gate.DROP, gate.HOLD):
            with self.subTest(mode=mode):
                self.progress(busy)
                leader = three.wait_agreed()
                three.cut_off(leader.id, mode)
                three.wait_leader(but=leader.id)
                self.progress(busy)
                lode.wait_for(lambda leader=leader: (leader.facts() or {}).get("state") != "leader")
                three.rejoin()
                three.wait_agreed()
        self.finish(three, busy)

    def test_a_follower_that_is_cut_off_does_not_disturb(self):
        three = self.started_cluster()
        leader = three.wait_agreed()
        term = leader.facts()["term"]
        three.cut_off(three.followers()[0].id, gate.HOLD)
        self.assertEqual(load.Client(three, sticky=True, timeout=10).post([shop.purchase(1)]).results[0]["offset"], 0)
        lode.time.sleep(2)  # several election timeouts
        three.rejoin()
        self.assertIs(three.wait_agreed(), leader)
        self.assertEqual(leader.facts()["term"], term)
        three.wait_same()

    def test_a_slow_network(self):
        three = self.started_cluster()
        for link in three.links.values():
            link.open(delay=0.02)
        busy = self.busy(three, timeout=20)
        self.progress(busy, 50)
        busy.stop()
        self.assertEqual(busy.refused_more_than_once(), [])
        self.finish(three, busy)
