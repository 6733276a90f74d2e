"""Seeded random event streams: a small shop in which everything that can happen to an order happens often."""
import copy
import datetime
import random

FEE_SKUS = ["POST", "BANK CHARGES"]
COUNTRIES = ["United Kingdom", " united  kingdom ", "GB", "UK", "EIRE", "France", "de", "USA", "Atlantis", "", None]
SKUS = ["85123A", "85123a", " 85123A ", "71053", "22423", "84406B", "Mug  Blue", "MUG BLUE", "post", "BANK  CHARGES"]
START = datetime.datetime(2011, 3, 26, 20, tzinfo=datetime.timezone.utc)  # a change to summer time lies within


class Stream:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.serial = 0
        self.orders = {}  # order id: its last purchase sent
        self.refunded = None  # order id of the last refund
        self.sent = []

    def events(self, count):
        makers = [(self.purchase, 46), (self.revision, 9), (self.refund, 18), (self.cancellation, 5), (self.customer, 7),
                  (self.broken, 5), (self.again, 7), (self.conflict, 3)]
        made = []
        while len(made) < count:
            maker = self.random.choices([m for m, _ in makers], [w for _, w in makers])[0]
            event = maker()
            if event:
                made.append(event)
                self.sent.append(event)
        return self.displace(made)

    def displace(self, events):
        """Some events arrive far too late: refunds before their order, revisions in the wrong order."""
        keyed = [(index + (self.random.randrange(200) if self.random.random() < 0.2 else 0), index, event)
                 for index, event in enumerate(events)]
        return [event for _, _, event in sorted(keyed, key=lambda item: item[:2])]

    def base(self, kind):
        self.serial += 1
        moment = START + datetime.timedelta(minutes=self.random.randrange(60 * 24 * 5), microseconds=self.serial)
        return {"event_id": f"e{self.serial}", "type": kind, "source": self.random.choice(["web", "pos"]),
                "occurred_at": moment.isoformat().replace("+00:00", "Z")}

    def discount(self, paid):
        """In millionths, so that hardly any divides by the quantity; now and then more than was paid."""
        micros = self.random.randint(0, int(paid * (1_100_000 if self.random.random() < 0.1 else 300_000)))
        return f"{micros // 1_000_000}.{micros % 1_000_000:06}"

    def lines(self):
        """Often several of one sku."""
        sku = self.random.choice(SKUS) if self.random.random() < 0.3 else None
        return [self.line(sku if self.random.random() < 0.7 else None) for _ in range(self.random.randint(1, 5))]

    def line(self, sku=None):
        roll = self.random.random()
        quantity = self.random.randint(1, 12) * (1 if roll < 0.8 else -1)
        price = "0" if 0.7 < roll < 0.9 else f"{self.random.randint(1, 2000) / 100:.2f}"
        line = {"sku": sku or self.random.choice(SKUS), "quantity": quantity, "unit_price": price}
        if self.random.random() < 0.5 and quantity > 0 and price != "0":
            line["discount"] = self.discount(quantity * float(price))
        if self.random.random() < 0.5:
            line["description"] = self.random.choice(["  a   mug ", "a mug", "Lantern"])
        return line

    def purchase(self):
        event = self.base("purchase")
        event["order_id"] = f"o{self.serial}"
        event["currency"] = self.random.choice(["GBP", "GBP", "EUR"])
        customer = {"country": self.random.choice(COUNTRIES)}
        if self.random.random() < 0.8:
            customer["id"] = f"c{self.random.randrange(15)}"
            if self.random.random() < 0.2:
                customer["type"] = self.random.choice(["wholesale", "retail"])
        event["customer"] = {name: value for name, value in customer.items() if value is not None}
        event["lines"] = self.lines()
        self.orders[event["order_id"]] = event
        return event

    def some_order(self):
        return self.orders[self.random.choice(list(self.orders))] if self.orders else None

    def revision(self):
        order = self.some_order()
        if not order:
            return None
        event = {**copy.deepcopy(order), **self.base("purchase")}
        event["revision"] = max(0, order.get("revision", 0) + self.random.choice([1, 1, 1, 3, 0, -1]))
        if self.random.random() < 0.5:
            event["lines"].pop()
        event["lines"] = event["lines"] or [self.line()]
        if self.random.random() < 0.5:
            event["lines"].append(self.line())
        if event["revision"] > order.get("revision", 0):
            self.orders[order["order_id"]] = event
        return event

    def refund(self):
        """Often of an order that has refunds already, a few units at a time."""
        order = self.orders.get(self.refunded) if self.random.random() < 0.6 else None
        order = order or self.some_order()
        if not order:
            return None
        self.refunded = order["order_id"]
        event = {**self.base("refund"), "order_id": order["order_id"], "lines": []}
        given_back = [line for line in order["lines"] if line["quantity"] > 0 or self.random.random() < 0.1]
        for bought in self.random.sample(given_back, self.random.randint(0, len(given_back))) or order["lines"][:1]:
            most = self.random.choice([2, abs(bought["quantity"]) // 2 + 1])
            line = {"sku": bought["sku"], "quantity": self.random.randint(1, most)}
            if self.random.random() < 0.2:
                line["unit_price"] = "1.25"
            event["lines"].append(line)
        return event

    def cancellation(self):
        order = self.some_order()
        return {**self.base("cancellation"), "order_id": order["order_id"]} if order else None

    def customer(self):
        event = {**self.base("customer"), "customer": {"id": f"c{self.random.randrange(15)}"}}
        if self.random.random() < 0.6:
            event["customer"]["country"] = self.random.choice(["Spain", "IT", "Netherlands"])
        if self.random.random() < 0.4:
            event["customer"]["type"] = self.random.choice(["wholesale", "retail"])
        return event

    def broken(self):
        """Well-formed, but against a rule: quarantined."""
        event = self.purchase()
        del self.orders[event["order_id"]]
        kind = self.random.randrange(4)
        if kind == 0:
            event["lines"][-1]["quantity"] = 0
        elif kind == 1:
            event["lines"][-1]["unit_price"] = "-3.10"
        elif kind == 2:
            event["currency"] = "QQQ"
        else:
            event["occurred_at"] = self.random.choice(["1971-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
        return event

    def again(self):
        return copy.deepcopy(self.random.choice(self.sent)) if self.sent else None

    def conflict(self):
        event = self.again()
        if event:
            event["attributes"] = {"note": f"changed {self.serial}"}
        return event


def corrected(event, dice, purchases):
    """The event with what is wrong in it put right, or at least changed, as a retry would send it; now and then with
    the order of another of `purchases`."""
    event = copy.deepcopy(event)
    if not "2009" < event["occurred_at"] < "2012":
        event["occurred_at"] = START.isoformat()
    if event["type"] == "purchase":
        event["currency"] = "GBP" if event["currency"] == "QQQ" else event["currency"]
        event["revision"] = event.get("revision", 0) + dice.randint(0, 2)
    if event["type"] != "customer" and purchases and dice.random() < 0.4:
        other = dice.choice(purchases)
        event["order_id"] = other["order_id"]
        if event["type"] == "refund":
            event["lines"] = [{"sku": dice.choice(other["lines"])["sku"], "quantity": 1}]
    for line in event.get("lines", ()):
        line["quantity"] = line["quantity"] or 1
        line["unit_price"] = line.get("unit_price", "2.50").lstrip("-")
        if event["type"] == "refund" and dice.random() < 0.5:
            line["quantity"] = 1
    if dice.random() < 0.1:
        event["event_id"] += "-corrected"
    return event


def batches(events, seed, largest=60):
    """The events in order, in batches of random sizes."""
    sizes = random.Random(seed)
    start = 0
    while start < len(events):
        size = sizes.randint(1, largest)
        yield events[start:start + size]
        start += size
