"""Random orders, revisions, refunds, cancellations, upserts, duplicates: every view and verdict against the twin."""
import os
import random

import lode
import streams
import twin

ROUNDS = {"quick": 2, "all": 4, "long": 40}[lode.LEVEL]
ZONES = ["UTC", "Europe/London", "America/New_York", "Asia/Kathmandu"]
FLAGS = ["--silver-fee-skus", ",".join(streams.FEE_SKUS), "--state-epoch-events", "1000"]
REJECTION = {"conflict": "event_id_conflict"}


class RandomStreams(lode.LodeTest):
    def test_every_view_equals_the_recompute(self):
        first = int(os.environ.get("LODE_E2E_SEED", random.randrange(10**6)))
        for seed in range(first, first + ROUNDS):
            print(f"seed {seed} (LODE_E2E_SEED={seed} repeats it)", flush=True)
            with self.subTest(seed=seed):
                self.one_stream(seed)

    def one_stream(self, seed):
        zone = ZONES[seed % len(ZONES)]
        twin_shop = twin.Twin(streams.FEE_SKUS, zone)
        server = self.started(*FLAGS, "--gold-time-zone", zone, name=f"seed{seed}")
        events = streams.Stream(seed).events(1800)
        thirds = [events[:600], events[600:1200], events[1200:]]
        for number, part in enumerate(thirds):
            for batch in streams.batches(part, seed + number):
                self.post_and_compare(server, twin_shop, batch)
            self.compare(server, twin_shop)
            if number == 0:
                server.stop()
                server.start()
            if number == 1:
                server.kill()
                server.start()
        self.compare(server, twin_shop)
        server.stop()

    def post_and_compare(self, server, twin_shop, batch):
        answer = server.post_ndjson(batch, parameters={"results": "all"})
        self.assertIn(answer.status, (200, 207, 422), answer)
        results = answer.json["results"]
        self.assertEqual(len(results), len(batch))
        for event, result in zip(batch, results):
            status, offset = twin_shop.append(event)
            if status == "conflict":
                self.assertEqual((result["status"], result.get("code")), ("rejected", "event_id_conflict"), result)
            else:
                expected = ("accepted", "quarantined") if status == "accepted" else ("duplicate",)
                self.assertIn(result["status"], expected, f"{event} {result}")
                self.assertEqual(result["offset"], offset, f"{event} {result}")

    def compare(self, server, twin_shop):
        problems = twin.all_differences(twin_shop, server)
        answered = {row["offset"]: row["rule"] for row in server.rows("/v1/quarantine")}
        expected = twin_shop.quarantine()
        for offset in sorted(answered.keys() | expected.keys()):
            if answered.get(offset) != expected.get(offset):
                problems.append(f"quarantine {offset}: {answered.get(offset)}, should be {expected.get(offset)}")
        self.assert_no_differences(problems)
