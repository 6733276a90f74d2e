"""Views to apply, and how a test asks for their changes."""
import json
import os

import cluster
import lode
import shop

JSON = {"Content-Type": "application/json"}
BATCH = 1000
SLOW = ["--state-epoch-events", "2000"]  # what a kill leaves is small

CHANNELS = """name = "channel_sales"
description = "By channel."
source = "order_lines"
keys = ["channel", "currency"]
measures = [
  { name = "orders", distinct = "order", kinds = ["sale"] },
  { name = "sales", sum = "net_amount", kinds = ["sale"] },
]
"""
UNITS = '  { name = "units", sum = "quantity", kinds = ["sale"] },\n]\n'
# A sixth view, and what becomes of it: one more measure, then other keys.
KINDS = """name = "kinds_of_lines"
source = "order_lines"
keys = ["kind", "country", "currency"]
measures = [
  { name = "orders", distinct = "order", kinds = ["sale", "return", "free", "fee"] },
  { name = "units_sold", sum = "quantity", kinds = ["sale"] },
  { name = "spend", sum = "net_amount", kinds = ["sale"], hidden = true },
  { name = "returns", sum = "amount", kinds = ["return"], hidden = true },
  { name = "net_spend", difference = ["spend", "returns"] },
  { name = "share", share = "net_spend", within = ["currency"] },
]
"""
KINDS_MORE = KINDS[:-2] + """  { name = "customers", distinct = "customer", kinds = ["sale", "return"] },
  { name = "price", ratio = ["spend", "units_sold"] },
  { name = "rank", rank = ["orders", "units_sold"], within = ["kind", "currency"] },
]
"""
KINDS_OTHER = KINDS_MORE.replace('keys = ["kind", "country", "currency"]', 'keys = ["customer_type", "kind", "currency"]')


def orders(first, count):
    return [shop.purchase(n, [shop.line(quantity=1 + n % 5)], occurred_at=f"2011-01-0{1 + n % 9}T08:26:00Z",
                          event_id=f"p{n}", channel=["web", "app"][n % 2]) for n in range(first, first + count)]


class ViewsTest(lode.LodeTest):
    def lodectl(self, node, *words, **options):
        return self.run_program("lodectl", "--url", node.url, "views", *words, **options)

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def once(self, node, action, **members):
        return cluster.ask(node.port, "POST", f"/v1/admin/views/{action}", json.dumps(members), JSON, timeout=30)

    def command(self, node, action, **members):
        """Again while nobody can decide it, as a 503 asks for."""
        answers = []

        def decided():
            answers.append(self.once(node, action, **members))
            return answers[-1] and answers[-1].status != 503
        lode.wait_for(decided)
        return answers[-1]

    def apply(self, node, *texts, **members):
        return self.command(node, "apply", declarations=[{"text": text} for text in texts], **members)

    def catalogue(self, node):
        return {row["name"]: row for row in node.get("/v1/views").json["rows"]}

    def in_force(self, node, answer, seconds=120):
        """Waits until what was answered holds."""
        self.assertEqual(answer.status, 200, answer)
        wanted = answer.json["next_ruleset"]

        def holds():
            status = cluster.ask(node.port, "GET", "/v1/status", timeout=5)
            return status and status.status == 200 and status.json["ruleset"] == wanted
        lode.wait_for(holds, seconds)

    def filled(self, *flags, count=20):
        node = self.started(*flags)
        for first in range(0, count * BATCH, BATCH):
            self.assertEqual(node.post_ndjson(orders(first, BATCH)).json["accepted"], BATCH)
        return node
