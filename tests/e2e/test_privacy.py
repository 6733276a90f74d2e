"""Contact data stays out of everything that is not asked for it."""
import os

import lode
import shop

SECRETS = {"email": "anna.secret@example.com", "name": "Anna Geheim", "phone": "+49-30-5550199", "address": "Hidden Lane 7"}


class ContactData(lode.LodeTest):
    def test_contact_data_appears_nowhere_unless_asked_for(self):
        node = self.started("--log-level", "debug")
        customer = {"id": "c1", "country": "DE", **SECRETS}
        node.post([shop.purchase(1, customer=customer), shop.purchase(2, [shop.line(unit_price="-1")], customer=customer)])
        node.post({"event_id": "crm", "type": "customer", "occurred_at": "2011-01-01T00:00:00Z", "customer": customer})
        refusals = [node.post(shop.purchase(3, [shop.line(quantity="x")], customer=customer)).text,
                    node.post(shop.purchase(1, [shop.line(quantity=9)], customer=customer)).text,
                    node.post('{"email":"' + SECRETS["email"]).text]
        paths = ["/v1/log", "/v1/log/0", "/v1/quarantine", "/v1/silver/orders", "/v1/silver/order_lines",
                 "/v1/silver/customers", "/v1/silver/customers/c1", "/v1/quality", "/v1/status", "/v1/views", "/metrics",
                 "/v1/gold/daily_sales", "/v1/gold/customer_insights", "/v1/gold/customer_product_affinity"]
        texts = {path: node.get(path).text for path in paths}
        texts["quarantined events"] = node.get("/v1/quarantine", include="event").text
        self.assertIn('"event_id":"p2"', texts["quarantined events"])
        node.stop()
        texts["the server's log"] = node.log
        texts["refusals"] = "".join(refusals)
        for where, text in texts.items():
            for secret in SECRETS.values():
                self.assertNotIn(secret, text, where)

    def test_contact_data_comes_when_asked_for(self):
        node = self.started()
        node.post(shop.purchase(1, customer={"id": "c1", **SECRETS}))
        node.post(shop.purchase(2, [shop.line(unit_price="-1")], customer={"id": "c1", **SECRETS}))
        for text in (node.get("/v1/log", limit=1, include="contact").text,
                     node.get("/v1/quarantine", include="contact").text):
            for secret in SECRETS.values():
                self.assertIn(secret, text)

    def test_no_name_reaches_a_path_outside_the_data_folder(self):
        node = self.started()
        outside = os.path.join(self.folder, "outside.toml")
        with open(outside, "w", encoding="utf-8") as file:
            file.write("name = 'outside'\n")
        for name in ("../../outside", outside, "%2e%2e%2foutside", "online_retail\x00", "$(touch x)"):
            answer = node.post("a,b\n1,2\n", "text/csv", parameters={"mapping": name})
            self.assertIn(answer.status, (400, 404, 415), answer)
        for path in ("/v1/gold/..%2f..%2fetc%2fpasswd", "/v1/silver/orders/..%2f..%2fetc%2fpasswd", "//etc/passwd"):
            self.assertIn(node.get(path).status, (400, 404))
