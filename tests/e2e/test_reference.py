"""schema/README.md: its examples are what the server takes, in their order."""
import json
import os
import re

import lode


class Events(lode.LodeTest):
    def test_every_example_is_accepted(self):
        with open(os.path.join(lode.ROOT, "schema", "README.md"), encoding="utf-8") as file:
            examples = re.findall(r"```json\n(.*?)```", file.read(), re.DOTALL)
        node = self.started()
        types = set()
        for example in examples:
            event = json.loads(example)
            cloud = "specversion" in event
            types.add(event["type"])
            answer = node.post(example, "application/cloudevents+json" if cloud else None)
            self.assertEqual((answer.status, answer.json["accepted"], answer.json["results"]), (200, 1, []), example)
        self.assertGreater(types, {"purchase", "refund", "cancellation", "customer", "product"})
        self.assertEqual(node.get("/v1/silver/orders/B-1").json["rows"][0]["status"], "cancelled")
        self.assertEqual([row["gross_sales"] for row in node.gold("daily_sales")], ["7.50"])
