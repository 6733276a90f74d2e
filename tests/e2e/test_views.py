"""Views that change while the server serves: checked, built beside, in force in one step; killed on the way, in a cluster,
and against a recompute of every cell."""
import json
import os
import random
import subprocess
import threading
import time
import unittest

import cluster
import declared
import event_stream
import load
import lode
import retail
import shop
import twin
from views import BATCH, CHANNELS, JSON, KINDS, KINDS_MORE, KINDS_OTHER, SLOW, UNITS, ViewsTest, orders


class OneNode(ViewsTest):
    def test_a_day_with_views(self):
        node = self.filled(count=2)
        path = self.file("channel_sales.toml", CHANNELS)
        self.assertIn("daily_sales", self.lodectl(node, check=True).stdout)
        said = self.lodectl(node, "check", path, check=True).stdout
        self.assertEqual(said.splitlines()[0], "channel_sales: added")
        self.assertIn("2000 records, from offset 0", said)
        self.assertEqual(self.lodectl(node, "apply", path, "--dry-run", check=True).stdout, said)
        self.assertNotIn("channel_sales", self.catalogue(node))
        self.assertIn("it is in force", self.lodectl(node, "apply", path, check=True).stdout)
        rows = [{"channel": name, "currency": "GBP", "orders": BATCH} for name in ("app", "web")]
        self.assertEqual([{k: row[k] for k in ("channel", "currency", "orders")}
                          for row in sorted(node.gold("channel_sales"), key=lambda row: row["channel"])], rows)
        self.assertIn("nothing has to be built", self.lodectl(node, "apply", path, check=True).stdout)
        shown = self.lodectl(node, "show", "channel_sales", check=True).stdout
        self.assertEqual(shown, node.get("/v1/views/channel_sales").text)
        self.assertIn("channel_sales: unchanged", self.lodectl(node, "check", self.file("again.toml", shown), check=True).stdout)

        more = self.file("more.toml", CHANNELS[:-2] + UNITS)
        said = self.lodectl(node, "apply", more, check=True).stdout
        self.assertIn("additive: old queries are answered as before\n  new measures: units", said)
        self.assertEqual(list(node.gold("channel_sales")[0]), ["channel", "currency", "orders", "sales", "units"])
        other = self.file("other.toml", CHANNELS.replace('"channel", ', '"channel", "country", '))
        said = self.lodectl(node, "check", other, check=True).stdout
        self.assertIn("  new keys: country\n", said)
        self.assertIn("not additive: rows are split by the new key `country`", said)
        self.assertIn("not additive: the measure `units` is gone", said)

        version = self.catalogue(node)["channel_sales"]["version"]
        words = self.file("words.toml", (CHANNELS[:-2] + UNITS).replace("By channel.", "Other words."))
        self.assertIn("described otherwise", self.lodectl(node, "apply", words, check=True).stdout)
        entry = lode.wait_for(lambda: [e for e in [self.catalogue(node)["channel_sales"]] if e["description"] == "Other words."])
        self.assertEqual((entry[0]["version"], entry[0]["state"]), (version, "serving"))

        self.assertEqual(self.lodectl(node, "drop", "channel_sales").returncode, 2, "nobody said --yes")
        self.assertEqual(self.lodectl(node, "drop", "channel_sales", "--dry-run", check=True).stdout.splitlines()[0],
                         "channel_sales: dropped")
        wrong = self.lodectl(node, "drop", "chanel_sales", "--yes")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("did you mean `channel_sales`?", wrong.stderr)
        self.lodectl(node, "drop", "channel_sales", "--yes", check=True)
        self.assert_problem(node.get("/v1/gold/channel_sales"), 404, "unknown_view")
        self.assert_problem(node.get("/v1/views/channel_sales"), 404, "unknown_view")
        folder = os.path.join(self.folder, "folder")
        os.mkdir(folder)
        os.rename(path, os.path.join(folder, "a.toml"))
        done = self.run_program("lodectl", "--json", "--url", node.url, "views", "apply", folder, check=True)
        self.assertEqual([view["change"] for view in json.loads(done.stdout)["views"]], ["added"])
        self.assertIn("channel_sales", self.catalogue(node))

    def test_what_is_wrong_is_said_with_its_place(self):
        node = self.started()
        hash_before = node.get("/v1/status").json["ruleset"]
        for text, sentence in [
                (CHANNELS.replace("source", "sorce"), ":3: unknown key `sorce`; did you mean `source`?"),
                (CHANNELS.replace("net_amount", "net_amout"), ":7: unknown sum `net_amout`; did you mean `net_amount`?"),
                (CHANNELS.replace('"channel",', '"chanel",'), ":4: unknown key column `chanel`; did you mean `channel`?"),
                (CHANNELS.replace('["sale"] },\n]', '["sales"] },\n]'), ":7: unknown kind `sales`; did you mean `sale`?"),
                (CHANNELS.replace(', "currency"', ""), "would add up several currencies: make `currency` a key"),
                (CHANNELS.replace("name = \"channel_sales\"", "name = \"Channel\""), ":1: `name` must be 1 to 64 of a-z, 0-9 and _"),
                ("name = ", ":1: "), ("", "`name` is missing")]:
            path = self.file("view.toml", text)
            for command in ("check", "apply"):
                done = self.lodectl(node, command, path)
                self.assertEqual(done.returncode, 2, done)
                self.assertIn(path + ":", done.stderr)
                self.assertIn(sentence, done.stderr)
        two = self.lodectl(node, "check", self.file("a.toml", "x = 1"), self.file("b.toml", CHANNELS),
                           self.file("c.toml", CHANNELS))
        self.assertIn("a.toml:1: unknown key `x`", two.stderr)
        self.assertIn("c.toml: the view `channel_sales` is declared twice; rename one", two.stderr)
        self.assertEqual(self.lodectl(node, "check", os.path.join(self.folder, "none.toml")).returncode, 2)
        self.assert_problem(self.apply(node, "x = 1"), 400, "invalid_view", "/declarations/0/text")
        self.assert_problem(self.command(node, "apply", declarations=[]), 400, "invalid_value", "/declarations")
        self.assert_problem(self.command(node, "apply"), 400, "missing_field", "/declarations")
        self.assert_problem(self.command(node, "drop", views=["none"]), 404, "unknown_view", "/views")
        self.assert_problem(self.command(node, "cancel"), 409, "nothing_announced")
        self.assert_problem(self.apply(node, CHANNELS, ruleset="00000000000000ff"), 409, "ruleset_changed")
        self.assert_problem(self.apply(node, "# " + "x" * 1000 + "\n" + CHANNELS.replace("By channel.", "x" * 300_000)), 413,
                            "too_large")
        toml = {"Content-Type": "application/toml"}
        self.assertEqual(node.request("POST", "/v1/admin/views/check", CHANNELS, toml).json["views"][0]["change"], "added")
        self.assert_problem(node.request("POST", "/v1/admin/views/drop", CHANNELS, toml), 415, "unsupported_media_type")
        self.assertEqual(node.get("/v1/status").json["ruleset"], hash_before)

    def test_until_it_is_built_the_old_answers_and_only_one_is_built(self):
        node = self.filled(count=120)
        before = node.gold("daily_sales")
        answer = self.apply(node, CHANNELS)
        self.assertFalse(answer.json["done"])
        entry = lode.wait_for(lambda: self.catalogue(node).get("channel_sales"))
        self.assertEqual(entry["state"], "building", entry)
        self.assertEqual((entry["progress"]["total"], entry["progress"]["unit"]), (120 * BATCH, "records"))
        told = self.assert_problem(node.get("/v1/gold/channel_sales"), 404, "unknown_view")
        self.assertRegex(told["detail"], r"is being built, \d+ % \(\d+ of 120000 records")
        self.assert_problem(self.apply(node, CHANNELS[:-2] + UNITS), 409, "change_in_progress")
        self.assert_problem(self.command(node, "drop", views=["daily_sales"]), 409, "change_in_progress")
        self.assertEqual(node.gold("daily_sales"), before)
        self.assertEqual(self.catalogue(node)["daily_sales"]["state"], "serving")
        self.lodectl(node, "cancel", check=True)
        lode.wait_for(lambda: "channel_sales" not in self.catalogue(node))
        self.assertNotIn("being built", node.get("/v1/gold/channel_sales").json["detail"])
        lode.wait_for(lambda: [n for n in os.listdir(node.data_dir) if n.startswith("state")] == ["state"])
        self.in_force(node, self.apply(node, CHANNELS))
        self.assertEqual([row["orders"] for row in node.gold("channel_sales")], [60 * BATCH] * 2)

    def test_of_two_at_once_one_is_refused(self):
        node = self.filled(count=30)
        for _ in range(5):
            answers = {}

            def change(name):
                text = CHANNELS.replace("channel_sales", name)
                answers[name] = self.once(node, "apply", declarations=[{"text": text}])
            threads = [threading.Thread(target=change, args=(name,)) for name in ("one", "two", "three")]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            won = [name for name, answer in answers.items() if answer.status == 200]
            self.assertEqual(len(won), 1, answers)
            self.assertLessEqual({answer.json["code"] for answer in answers.values() if answer.status != 200},
                                 {"busy", "change_in_progress", "ruleset_changed"})
            self.in_force(node, answers[won[0]])
            self.assertEqual({"one", "two", "three"} & set(self.catalogue(node)), set(won))
            self.in_force(node, self.command(node, "drop", views=won))

    def test_what_readers_were_given_before_stays_right(self):
        node = self.filled(count=2)
        self.in_force(node, self.apply(node, CHANNELS))
        paths = ["/v1/gold/customer_insights", "/v1/gold/channel_sales", "/v1/silver/orders", "/v1/gold/daily_sales"]
        tags = {path: node.get(path).headers["etag"] for path in paths}
        pages = {path: node.get(path, limit=2).json for path in ["/v1/gold/daily_sales", "/v1/silver/orders"]}
        whole = {path: node.rows(path) for path in pages}
        changed = node.get("/v1/gold/channel_sales", limit=1).json
        versions = {name: view["version"] for name, view in self.catalogue(node).items()}
        streams = {name: event_stream.EventStream(node.port, f"/v1/gold/{name}") for name in ("daily_sales", "channel_sales")}
        for stream in streams.values():
            self.addCleanup(stream.close)
        for _ in node.gold("daily_sales"):
            self.assertEqual(streams["daily_sales"].next()["event"], "row")
        for _ in node.gold("channel_sales"):
            self.assertEqual(streams["channel_sales"].next()["event"], "row")

        self.in_force(node, self.apply(node, CHANNELS[:-2] + UNITS))
        now = {name: view["version"] for name, view in self.catalogue(node).items()}
        self.assertEqual({name for name in now if now[name] != versions[name]}, {"channel_sales"})
        for path, tag in tags.items():
            answer = node.request("GET", path, headers={"If-None-Match": tag})
            self.assertEqual(answer.status, 200 if path.endswith("channel_sales") else 304, path)
        for path, page in pages.items():
            rows, cursor = page["rows"], page["next_cursor"]
            while cursor:
                answer = node.get(path, limit=2000 if "silver" in path else 2, cursor=cursor)
                if "silver" in path and answer.status == 400:  # the limit is no part of the query
                    self.fail(answer)
                rows, cursor = rows + answer.json["rows"], answer.json.get("next_cursor")
            self.assertEqual(rows, whole[path], path)
        self.assert_problem(node.get("/v1/gold/channel_sales", limit=1, cursor=changed["next_cursor"]), 400, "invalid_cursor")
        event = streams["channel_sales"].next()
        self.assertEqual((event["event"], event["data"]["code"]), ("error", "view_changed"))
        node.post(shop.purchase(10**6, occurred_at="2012-01-01T00:00:00Z"))
        event = streams["daily_sales"].next()
        self.assertEqual((event["event"], event["data"]["day"]), ("row", "2012-01-01"))
        again = event_stream.EventStream(node.port, "/v1/gold/channel_sales")
        self.addCleanup(again.close)
        for _ in node.gold("channel_sales"):
            again.next()
        self.in_force(node, self.command(node, "drop", views=["channel_sales"]))
        event = again.next()
        self.assertEqual((event["event"], event["data"]["code"]), ("error", "unknown_view"))

    def test_files_do_not_take_back_what_was_applied(self):
        folder = os.path.join(self.folder, "views")
        lode.shutil.copytree(os.path.join(lode.ROOT, "config", "views"), folder)
        with open(os.path.join(folder, "channel_sales.toml"), "w", encoding="utf-8") as file:
            file.write(CHANNELS)
        node = self.started("--gold-views-dir", folder)
        node.post_ndjson(orders(0, 100))
        self.in_force(node, self.apply(node, CHANNELS[:-2] + UNITS, CHANNELS.replace("channel_sales", "more")))
        self.in_force(node, self.command(node, "drop", views=["customer_insights"]))
        ruleset = node.get("/v1/status").json["ruleset"]
        for end in (node.stop, node.kill):
            end()
            node.start()
            self.assertEqual(node.get("/v1/status").json["ruleset"], ruleset)
            self.assertIn("units", node.gold("channel_sales")[0])
        self.assertIn("as applied by command, and not as in the configuration files: the view `channel_sales`, the view "
                      "`more`, the view `customer_insights`, which was dropped", node.log)
        node.stop()
        with open(os.path.join(folder, "file.toml"), "w", encoding="utf-8") as file:
            file.write(CHANNELS.replace("channel_sales", "of_a_file"))
        with open(os.path.join(folder, "channel_sales.toml"), "w", encoding="utf-8") as file:
            file.write(CHANNELS.replace("channel\", ", "country\", "))
        node.start()
        self.assertEqual(set(self.catalogue(node)), (set(twin.VIEWS) - {"customer_insights"}) | {"channel_sales", "more", "of_a_file"})
        self.assertIn("units", node.gold("channel_sales")[0], "the command's word is the later one")
        os.remove(os.path.join(folder, "file.toml"))
        node.stop()
        node.start()
        self.assertNotIn("of_a_file", self.catalogue(node))

    def test_a_log_without_its_beginning_builds_nothing_and_says_why(self):
        node = self.filled("--state-epoch-events", "1000", count=6)
        self.run_program("lodectl", "--url", node.url, "log", "truncate", "--before", "1500", "--yes", check=True)
        path = self.file("view.toml", CHANNELS)
        done = self.lodectl(node, "check", path)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"it can't be built: The log begins at offset \d+: the records before it were dropped")
        refused = self.lodectl(node, "apply", path)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("truncated", refused.stderr)
        self.assert_problem(self.command(node, "drop", views=["daily_sales"]), 409, "truncated")
        shown = node.get("/v1/views/daily_sales").text.replace("description = \"Sales", "description = \"All sales")
        self.assertEqual(self.apply(node, shown).status, 200, "words need no records")
        self.assertIn("daily_sales", self.catalogue(node))

    def test_a_backup_and_a_replay_go_on_meanwhile(self):
        node = self.filled(*SLOW, count=20)
        answer = self.apply(node, CHANNELS)
        made = self.run_program("lodectl", "--url", node.url, "backup", "create", os.path.join(self.folder, "backup"))
        self.assertEqual(made.returncode, 0, made.stderr)
        replayed = self.run_program("lodectl", "--url", node.url, "replay")  # of a ruleset that goes: it may end with a sentence
        self.assertIn(replayed.returncode, (0, 1), replayed.stderr)
        self.in_force(node, answer)
        restored = self.server(*SLOW, name="restored")
        done = self.run_program("lodectl", "restore", os.path.join(self.folder, "backup"), "--data-dir", restored.data_dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        restored.start()
        lode.wait_for(lambda: self.catalogue(restored).get("channel_sales", {}).get("state") == "serving")
        for view in ("channel_sales", "daily_sales", "customer_insights"):
            self.assertEqual(restored.gold(view), node.gold(view))


class ThreeNodes(ViewsTest, cluster.ClusterTest):
    def test_applied_at_a_follower_all_switch_at_the_same_record(self):
        one = self.started_cluster(*SLOW)
        client = load.Client(one)
        for first in range(0, 20 * BATCH, BATCH):
            client.post(orders(first, BATCH))
        stop, written = threading.Event(), []

        def write():
            mine = load.Client(one, seed=1)
            for first in range(20 * BATCH, 400 * BATCH, 50):
                if stop.is_set():
                    return
                mine.post(orders(first, 50))
                written.append(first)
        writer = threading.Thread(target=write)
        writer.start()
        try:
            follower, victim = one.followers()[:2]
            answer = self.apply(follower, CHANNELS)
            victim.kill()
            victim.begin()
            victim.wait_ready()
            for node in one:
                self.in_force(node, answer)
            self.in_force(one[3], self.apply(victim, CHANNELS[:-2] + UNITS))
            self.in_force(one[1], self.command(follower, "drop", views=["product_popularity"]))
        finally:
            stop.set()
            writer.join()
        one.wait_same()
        self.assertTrue(written)
        views = [{name: row["version"] for name, row in self.catalogue(node).items()} for node in one]
        self.assertEqual(views, views[:1] * 3)
        self.assertEqual([node.facts()["divergence"] for node in one], [None] * 3)
        self.assertEqual(len({node.status()["state_hash"]["hash"] for node in one}), 1)
        count = max(written) + 50
        for node in one:
            rows = {row["channel"]: row for row in node.gold("channel_sales")}
            self.assertEqual({name: row["orders"] for name, row in rows.items()}, {"web": count // 2, "app": count // 2})
            self.assertEqual(sum(row["units"] for row in rows.values()), sum(1 + n % 5 for n in range(count)))
            self.assert_problem(node.get("/v1/gold/product_popularity"), 404, "unknown_view")

    def test_a_member_whose_log_lost_its_beginning_is_named(self):
        one = self.started_cluster("--state-epoch-events", "1000")
        client = load.Client(one)
        for first in range(0, 4 * BATCH, 100):
            client.post(orders(first, 100))
        follower = one.followers()[0]
        cut = follower.ask("POST", "/v1/admin/log/truncate", json.dumps({"before": 2 * BATCH}), JSON, timeout=60)
        self.assertGreater(cut.json["dropped_entries"], 0, cut)

        def refused():
            answer = self.apply(one.wait_leader(), CHANNELS, dry_run=True)
            return answer and answer.status == 200 and answer.json["build"]["why_not"]
        self.assertIn(f"The log of node {follower.id} has lost its beginning", lode.wait_for(refused))
        self.assert_problem(self.apply(one.wait_leader(), CHANNELS), 409, "truncated")


@unittest.skipUnless(retail.path() and lode.LEVEL != "quick", "online_retail.csv.zst is not at hand, or --quick")
class OnlineRetail(ViewsTest):
    """A year of a real shop comes in while views come, change and go, and the node is killed again and again."""

    def killed_until_in_force(self, node, dice, answer):
        self.assertEqual(answer.status, 200, answer)
        for _ in range(2):
            time.sleep(dice.uniform(0.05, 0.8))
            with self.serving:
                node.kill()
                node.start()
        self.in_force(node, answer)

    def write(self, node, batches):
        """Each batch until it is acknowledged."""
        for batch in batches:
            body = "".join(json.dumps(event) + "\n" for event in batch)
            while not self.ended.is_set():
                done = subprocess.run(["curl", "-s", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", "-H",
                                       f"Content-Type: {lode.NDJSON}", "--data-binary", "@-", f"{node.url}/v1/events"],
                                      input=body, capture_output=True, text=True, timeout=20, check=False)
                if done.stdout in ("200", "207"):
                    break
                time.sleep(0.02)

    def look(self, node, totals):
        """Whenever the sixth view answers, it has what all records up to its offset come to."""
        while not self.ended.is_set():
            answer = cluster.ask(node.port, "GET", "/v1/gold/kinds_of_lines?group_by=currency", timeout=5)
            if answer and answer.status == 200 and answer.json["rows"]:
                at = answer.json["meta"]["as_of_offset"]
                self.seen.append((at, answer.json["rows"][0]["units_sold"], totals[at]))
            elif answer and answer.status not in (200, 404, 503):
                self.seen.append((answer, None, None))

    def test_views_come_change_and_go_while_it_is_killed(self):
        events = retail.events()
        shop_twin = twin.Twin(retail.FEE_SKUS)
        totals, units = [], 0
        for event in events:
            status, _ = shop_twin.append(event)
            if status == "accepted":
                units += sum(line["quantity"] for line in event["lines"] if line["quantity"] > 0
                             and float(line["unit_price"]) > 0 and twin.clean_sku(line["sku"]) not in shop_twin.fee_skus)
            totals.append(units)
        node = self.started("--silver-fee-skus", ",".join(retail.FEE_SKUS), *SLOW)
        batches = [events[first:first + 100] for first in range(0, len(events), 100)]
        self.ended, self.serving, self.seen = threading.Event(), threading.Lock(), []
        for batch in batches[:len(batches) // 2]:
            node.post_ndjson(batch)
        seed = random.randrange(10**6)
        print("seed", seed, flush=True)
        dice = random.Random(seed)
        writer = threading.Thread(target=self.write, args=(node, batches[len(batches) // 2:]), daemon=True)
        looker = threading.Thread(target=self.look, args=(node, totals), daemon=True)
        writer.start()
        looker.start()
        try:
            self.killed_until_in_force(node, dice, self.apply(node, KINDS))
            self.killed_until_in_force(node, dice, self.apply(node, KINDS_MORE))
            self.killed_until_in_force(node, dice, self.command(node, "drop", views=["customer_insights"]))
            self.killed_until_in_force(node, dice, self.apply(node, KINDS_OTHER))
            writer.join(300)
            self.assertFalse(writer.is_alive())
        finally:
            self.ended.set()
            looker.join()
        wrong = [one for one in self.seen if one[1] != one[2]]
        self.assertEqual(wrong[:5], [])
        self.assertGreater(len(self.seen), 20)
        print("looks", len(self.seen), flush=True)

        self.assertEqual(node.get("/v1/status").json["applied"]["offset"], len(events) - 1)
        facts = list(shop_twin.facts())
        problems = declared.differences(KINDS_OTHER, facts, node.gold("kinds_of_lines"))
        for view in set(twin.VIEWS) - {"customer_insights"}:
            problems += twin.differences(view, shop_twin.view(view), node.gold(view))
            problems += declared.differences(node.get(f"/v1/views/{view}").text, facts, node.gold(view))
        self.assert_no_differences(problems)
        self.assert_problem(node.get("/v1/gold/customer_insights"), 404, "unknown_view")


if __name__ == "__main__":
    unittest.main()
