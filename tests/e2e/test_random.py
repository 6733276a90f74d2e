"""Random orders, revisions, refunds, cancellations, upserts, duplicates, retries: every view and verdict against the twin."""
import os
import random

import lode
import streams
import twin

ROUNDS = {"quick": 2, "all": 4, "long": 40}[lode.LEVEL]
ZONES = ["UTC", "Europe/London", "America/New_York", "Asia/Kathmandu"]
WAITING = ("unknown_order", "refund_exceeds_order")
FLAGS = ["--silver-fee-skus", ",".join(streams.FEE_SKUS), "--state-epoch-events", "1000"]


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
        dice = random.Random(seed)
        events = streams.Stream(seed).events(1800)
        thirds = [events[:600], events[600:1200], events[1200:]]
        for number, part in enumerate(thirds):
            for batch in streams.batches(part, seed + number):
                self.post_and_compare(server, twin_shop, batch)
                self.retry_some(server, twin_shop, dice)
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
            self.compare_result(twin_shop, event, result, *twin_shop.append(event))

    def compare_result(self, twin_shop, event, result, status, offset):
        if status == "conflict":
            expected = ("rejected", "event_id_conflict", offset)
        else:
            expected = (status, twin_shop.told[offset] if status == "quarantined" else None, offset)
        self.assertEqual((result["status"], result.get("code"), result["offset"]), expected, f"{event} {result}")

    def retry_some(self, server, twin_shop, dice):
        """Retries of what is in quarantine, as it is or corrected, half of them of what waits for an order or a revision."""
        purchases = [order.purchase for order in twin_shop.orders.values() if order.purchase]
        for _ in range(dice.randint(0, 3)):
            quarantined = twin_shop.quarantine()
            waiting = [offset for offset, rule in quarantined.items() if rule in WAITING]
            if quarantined:
                offset = dice.choice(waiting if waiting and dice.random() < 0.5 else list(quarantined))
                sent = twin_shop.events[offset]
                correction = streams.corrected(sent, dice, purchases) if dice.random() < 0.7 else None
                self.retry_and_compare(server, twin_shop, offset, correction)

    def retry_and_compare(self, server, twin_shop, offset, correction):
        event = correction or twin_shop.events[offset]
        answer = server.retry(offset, correction)
        if event["event_id"] != twin_shop.events[offset]["event_id"]:
            return self.assert_problem(answer, 409, "other_event")
        self.assertEqual(answer.status, 200, answer)
        result, = answer.json["results"]
        self.compare_result(twin_shop, event, result, *twin_shop.retry(event, offset))
        if result["status"] == "accepted":
            self.assert_problem(server.retry(offset), 409, "not_quarantined")

    def compare(self, server, twin_shop):
        self.assert_no_differences(twin.all_differences(twin_shop, server) + twin.quarantine_differences(twin_shop, server))
