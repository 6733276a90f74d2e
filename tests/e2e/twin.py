"""A dumb, obviously right twin of Lode: it keeps every accepted event in a list and recomputes everything from scratch.

Written from the product's definitions alone and sharing no code with it; slow, and exact. Money is an integer count of
millionths, ratios are fractions.
"""
import datetime
import time
import zoneinfo
from decimal import Decimal
from fractions import Fraction

MICRO = 1_000_000
DAY_MICROS = 86_400 * MICRO
EARLIEST = int(datetime.datetime(1990, 1, 1, tzinfo=datetime.timezone.utc).timestamp()) * MICRO

# The countries that these tests use, by every name they use for them.
COUNTRIES = {
    "australia": "AU", "austria": "AT", "bahrain": "BH", "belgium": "BE", "brazil": "BR", "canada": "CA", "cyprus": "CY",
    "czech republic": "CZ", "denmark": "DK", "eire": "IE", "ireland": "IE", "finland": "FI", "france": "FR",
    "germany": "DE", "greece": "GR", "hong kong": "HK", "iceland": "IS", "israel": "IL", "italy": "IT", "japan": "JP",
    "lebanon": "LB", "lithuania": "LT", "malta": "MT", "mexico": "MX", "netherlands": "NL", "norway": "NO",
    "poland": "PL", "portugal": "PT", "rsa": "ZA", "saudi arabia": "SA", "singapore": "SG", "spain": "ES",
    "sweden": "SE", "switzerland": "CH", "usa": "US", "united states": "US", "uk": "GB", "united kingdom": "GB",
    "united arab emirates": "AE", "korea": "KR",
}
CODES = set(COUNTRIES.values())
CURRENCIES = {"GBP", "EUR", "USD", "CAD", "MXN", "PLN", "SEK", "CHF", "JPY"}

SALES_MEASURES = ["transactions", "units_sold", "gross_sales", "discounts", "return_orders", "units_returned", "returns",
                  "net_sales", "fees", "free_units", "customers", "average_price", "average_order_value"]
VIEWS = {
    "daily_sales": (["day", "country", "currency"], SALES_MEASURES),
    "daily_product_sales": (["day", "country", "currency", "sku"], SALES_MEASURES),
    "customer_product_affinity": (["customer_id", "sku", "currency"],
                                  ["orders", "units", "net_spend", "share_of_spend", "first_purchase", "last_purchase"]),
    "product_popularity": (["customer_type", "sku", "currency"], ["customers", "orders", "units", "net_spend", "rank"]),
    "customer_insights": (["customer_id", "currency"],
                          ["orders", "units", "net_spend", "first_purchase", "last_purchase", "average_order_value"]),
}
MONEY_MEASURES = {"gross_sales", "discounts", "returns", "net_sales", "fees", "net_spend"}
RATIO_MEASURES = {"average_price", "average_order_value", "share_of_spend"}


def money(value):
    """A decimal string or number as millionths."""
    scaled = Decimal(str(value)).scaleb(6)
    assert scaled == scaled.to_integral_value(), f"more than 6 decimals: {value}"
    return int(scaled)


def micros(text):
    """An RFC 3339 time as microseconds since 1970."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (since.days * 86_400 + since.seconds) * MICRO + since.microseconds


def clean_text(text):
    return " ".join((text or "").split())


def clean_sku(text):
    return clean_text(text).upper()


def country_code(text):
    """The code, or ZZ for a name nobody knows, or None when none was given."""
    name = clean_text(text)
    if not name:
        return None
    if name.lower() in COUNTRIES:
        return COUNTRIES[name.lower()]
    return name.upper() if name.upper() in CODES else "ZZ"


def ratio(numerator, denominator):
    """Six decimals as a Decimal, half to even; None for a division by zero."""
    if denominator == 0:
        return None
    return Decimal(round(Fraction(numerator, denominator) * MICRO)).scaleb(-6)  # round() is half to even


def truncate(fraction):
    return int(fraction)  # int() rounds a Fraction toward zero


def discount_of(line, is_fee):
    """A discount counts on sale lines only."""
    is_sale = not is_fee and line["quantity"] > 0 and money(line["unit_price"]) > 0
    return money(line.get("discount", 0)) if is_sale else 0


class Fact:
    """One line that counts: on `day`, with an order's country, currency, customer."""

    def __init__(self, kind, day, order, sku, quantity, amount, discount=0):
        self.kind, self.day, self.order, self.sku = kind, day, order, sku
        self.quantity, self.amount, self.discount = quantity, amount, discount
        self.order_id = order.order_id


class Order:
    """An order's cleaned records in offset order, and what they come to."""

    def __init__(self, order_id):
        self.order_id = order_id
        self.records = []          # (offset, event)
        self.taken = {}            # offset of a purchase: the (country, customer id) it was applied with
        self.customer_type = None  # fixed by the first purchase applied
        self.purchase = None
        self.cancelled = False
        self.quarantined = {}      # offset: rule
        self.refunds = []          # those that fit: (event, [(sku, quantity, amount)])

    def drop(self, offset):
        self.records = [record for record in self.records if record[0] != offset]

    def fold(self, fee_skus):
        """Decides which records hold. What waits for the order is unknown_order."""
        self.purchase, self.cancelled, self.quarantined, self.refunds = None, False, {}, []
        if not any(event["type"] == "purchase" for _, event in self.records):
            self.quarantined = {offset: "unknown_order" for offset, _ in self.records}
            return
        purchase_offset = None
        cancelled_at = None
        for offset, event in self.records:
            if event["type"] == "cancellation":
                if cancelled_at is None:
                    cancelled_at = offset
                continue
            if cancelled_at is not None and purchase_offset is not None:
                self.quarantined[offset] = "order_cancelled"
            elif event["type"] == "purchase":
                if self.purchase is not None and event.get("revision", 0) <= self.purchase.get("revision", 0):
                    self.quarantined[offset] = "duplicate_order"
                else:
                    self.purchase, purchase_offset = event, offset
        self.cancelled = cancelled_at is not None
        self.country, self.customer = self.taken[purchase_offset]
        left = [[clean_sku(line["sku"]), line["quantity"], line] for line in self.purchase["lines"] if line["quantity"] > 0]
        for offset, event in self.records:
            if event["type"] != "refund" or offset in self.quarantined:
                continue
            fitted = self.fit_refund(event, left, fee_skus)
            if fitted is None:
                self.quarantined[offset] = "refund_exceeds_order"
            else:
                self.refunds.append((event, fitted))

    @staticmethod
    def fit_refund(event, left, fee_skus):
        """What the refund gives back as (sku, quantity, amount), taken from `left`; None, and nothing taken, if too much."""
        taken = [0] * len(left)
        fitted = []
        for line in event["lines"]:
            sku, wanted, amount = clean_sku(line["sku"]), line["quantity"], 0
            for index, (line_sku, units, bought) in enumerate(left):
                if line_sku != sku or wanted == 0:
                    continue
                count = min(wanted, units - taken[index])
                share = Fraction(discount_of(bought, sku in fee_skus) * count, bought["quantity"])
                amount += truncate(money(bought["unit_price"]) * count - share)
                taken[index] += count
                wanted -= count
            if wanted:
                return None
            if line.get("unit_price") is not None:
                amount = money(line["unit_price"]) * line["quantity"]
            fitted.append((sku, line["quantity"], amount))
        for index, count in enumerate(taken):
            left[index][1] -= count
        return fitted


class Twin:
    def __init__(self, fee_skus=(), time_zone="UTC", loyal_from=5):
        self.fee_skus = {clean_sku(sku) for sku in fee_skus}
        self.zone = zoneinfo.ZoneInfo(time_zone)
        self.loyal_from = loyal_from
        self.events = []      # by offset, retries included
        self.by_key = {}      # (source, event id): (offset, event)
        self.orders = {}
        self.customers = {}   # id: {field: (occurred_at, value)}
        self.order_count = {}  # customer id: orders so far
        self.quarantined = {}  # offset: rule, of events that break a rule by themselves
        self.order_of = {}     # offset: the order that the record went to
        self.told = {}         # offset: the rule that quarantined the record when it came, or None
        self.booked = None     # the facts, until the next event

    # Admission: (status, offset) as the server answers; status accepted, quarantined, duplicate or conflict.
    def append(self, event):
        key = (event.get("source", ""), event["event_id"])
        if key in self.by_key:
            offset, known = self.by_key[key]
            return ("duplicate" if known == event else "conflict"), offset
        offset = self.take_offset(event)
        self.by_key[key] = (offset, event)
        rule = self.apply(event, offset)
        if rule and rule == self.broken_rule(event):
            self.quarantined[offset] = rule
        return self.tell(offset, rule)

    def retry(self, event, retried):
        """A retry of the record at the offset `retried`: a record of its own that has its whole effect, and closes
        what it retries, or leaves everything as it was. Without effect when that is not in quarantine any more."""
        offset = self.take_offset(event)
        holder = self.order_of.get(retried)
        if retried not in self.quarantined and not (holder and retried in holder.quarantined):
            return self.tell(offset, None)
        target = self.orders.get(event.get("order_id"))
        before = list(target.records) if target else []
        if target:
            target.drop(retried)
        rule = self.apply(event, offset)
        target = self.orders.get(event.get("order_id"))
        if not rule:
            self.quarantined.pop(retried, None)
            if holder:
                holder.drop(retried)
        elif target:
            target.records = before
        for order in (target, holder):
            if order:
                order.fold(self.fee_skus)
        return self.tell(offset, rule)

    def take_offset(self, event):
        self.booked = None
        self.events.append(event)
        return len(self.events) - 1

    def tell(self, offset, rule):
        self.told[offset] = rule
        return ("quarantined" if rule else "accepted"), offset

    def apply(self, event, offset):
        """The rule that keeps the event from having its effect, or None."""
        rule = self.broken_rule(event)
        if rule:
            return rule
        if event["type"] == "customer":
            self.upsert_customer(event)
        elif event["type"] != "product":
            return self.apply_to_order(event, offset)
        return None

    @staticmethod
    def broken_rule(event):
        if not EARLIEST <= micros(event["occurred_at"]) <= time.time() * MICRO + DAY_MICROS:
            return "implausible_time"
        if event["type"] == "purchase" and event["currency"] not in CURRENCIES:
            return "unknown_currency"
        for line in event.get("lines", ()):
            if line["quantity"] == 0:
                return "zero_quantity"
            if line.get("unit_price") is not None and money(line["unit_price"]) < 0:
                return "negative_price"
        return None

    def upsert_customer(self, event):
        fields = self.customers.setdefault(event["customer"]["id"], {})
        occurred = micros(event["occurred_at"])
        for name in ("type", "country"):
            value = event["customer"].get(name)
            if value and (name not in fields or occurred >= fields[name][0]):
                fields[name] = (occurred, value)

    def crm(self, customer_id, name):
        return self.customers.get(customer_id, {}).get(name, (0, None))[1]

    def apply_to_order(self, event, offset):
        order = self.orders.setdefault(event["order_id"], Order(event["order_id"]))
        order.records.append((offset, event))
        self.order_of[offset] = order
        if event["type"] == "purchase":
            customer = event.get("customer", {})
            customer_id = customer.get("id") or None
            country = (country_code(event.get("country")) or country_code(customer.get("country"))
                       or country_code(self.crm(customer_id, "country")) or "ZZ")
            order.taken[offset] = (country, customer_id)
            if order.customer_type is None:
                order.customer_type = self.type_of(customer, customer_id)
                if customer_id:
                    self.order_count[customer_id] = self.order_count.get(customer_id, 0) + 1
        order.fold(self.fee_skus)
        return order.quarantined.get(offset)

    def type_of(self, customer, customer_id):
        if not customer_id:
            return "anonymous"
        if customer.get("type"):
            return customer["type"]
        if self.crm(customer_id, "type"):
            return self.crm(customer_id, "type")
        before = self.order_count.get(customer_id, 0)
        return "new" if before == 0 else "loyal" if before >= self.loyal_from else "returning"

    def quarantine(self):
        """{offset: rule} of everything that has no effect."""
        everything = dict(self.quarantined)
        for order in self.orders.values():
            everything.update(order.quarantined)
        return everything

    def day(self, event):
        moment = datetime.datetime.fromtimestamp(micros(event["occurred_at"]) // MICRO, self.zone)
        return moment.date().isoformat()

    # Facts: what gold adds up.
    def facts(self):
        for order in self.orders.values():
            if order.purchase is None or order.cancelled:
                continue
            day = self.day(order.purchase)
            for line in order.purchase["lines"]:
                fact = self.line_fact(order, day, line)
                if fact:
                    yield fact
            for refund, lines in order.refunds:
                day = self.day(refund)
                for sku, quantity, amount in lines:
                    if sku in self.fee_skus:
                        yield Fact("fee", day, order, sku, -quantity, -amount)
                    else:
                        yield Fact("return", day, order, sku, quantity, amount)

    def line_fact(self, order, day, line):
        sku, quantity, price = clean_sku(line["sku"]), line["quantity"], money(line["unit_price"])
        if sku in self.fee_skus:
            return Fact("fee", day, order, sku, quantity, quantity * price)
        if quantity > 0 and price > 0:
            return Fact("sale", day, order, sku, quantity, quantity * price, money(line.get("discount", 0)))
        if quantity < 0 and price > 0:
            return Fact("return", day, order, sku, -quantity, -quantity * price)
        return Fact("free", day, order, sku, quantity, 0) if quantity > 0 else None

    # Gold: {key tuple: {measure: value}}; money in millionths, ratios as Decimal, days as text.
    def view(self, name):
        if self.booked is None:
            self.booked = list(self.facts())
        facts = self.booked
        if name == "daily_sales":
            return self.sales(facts, lambda f: (f.day, f.order.country, f.order.purchase["currency"]))
        if name == "daily_product_sales":
            return self.sales(facts, lambda f: (f.day, f.order.country, f.order.purchase["currency"], f.sku))
        spend_facts = [f for f in facts if f.kind in ("sale", "return")]
        known = [f for f in spend_facts if f.order.customer]
        if name == "customer_product_affinity":
            return self.affinity(known)
        if name == "product_popularity":
            return self.popularity(spend_facts)
        if name == "customer_insights":
            return self.insights(known)
        raise KeyError(name)

    @staticmethod
    def group(facts, key):
        groups = {}
        for fact in facts:
            groups.setdefault(key(fact), []).append(fact)
        return groups

    def sales(self, facts, key):
        rows = {}
        for group, members in self.group(facts, key).items():
            row = self.sales_row(members)
            if any(row[name] for name in SALES_MEASURES[:11] if name != "net_sales"):
                rows[group] = row
        return rows

    @staticmethod
    def sales_row(members):
        sales = [f for f in members if f.kind == "sale"]
        returns = [f for f in members if f.kind == "return"]
        row = {
            "transactions": len({f.order_id for f in sales}),
            "units_sold": sum(f.quantity for f in sales),
            "gross_sales": sum(f.amount - f.discount for f in sales),
            "discounts": sum(f.discount for f in sales),
            "return_orders": len({f.order_id for f in returns}),
            "units_returned": sum(f.quantity for f in returns),
            "returns": sum(f.amount for f in returns),
            "fees": sum(f.amount for f in members if f.kind == "fee"),
            "free_units": sum(f.quantity for f in members if f.kind == "free"),
            "customers": len({f.order.customer for f in sales + returns if f.order.customer}),
        }
        row["net_sales"] = row["gross_sales"] - row["returns"]
        row["average_price"] = ratio(row["gross_sales"], row["units_sold"] * MICRO)
        row["average_order_value"] = ratio(row["gross_sales"], row["transactions"] * MICRO)
        return row

    @staticmethod
    def spend_row(members):
        sales = [f for f in members if f.kind == "sale"]
        returns = [f for f in members if f.kind == "return"]
        return {
            "orders": len({f.order_id for f in sales}),
            "units": sum(f.quantity for f in sales) - sum(f.quantity for f in returns),
            "net_spend": sum(f.amount - f.discount for f in sales) - sum(f.amount for f in returns),
            "first_purchase": min((f.day for f in sales), default=None),
            "last_purchase": max((f.day for f in sales), default=None),
        }

    def affinity(self, facts):
        groups = self.group(facts, lambda f: (f.order.customer, f.sku, f.order.purchase["currency"]))
        rows = {group: self.spend_row(members) for group, members in groups.items()}
        spend = {}
        for (customer, _, currency), row in rows.items():
            spend[customer, currency] = spend.get((customer, currency), 0) + row["net_spend"]
        for (customer, _, currency), row in rows.items():
            row["share_of_spend"] = ratio(row["net_spend"], spend[customer, currency])
        return rows

    def insights(self, facts):
        rows = {}
        for group, members in self.group(facts, lambda f: (f.order.customer, f.order.purchase["currency"])).items():
            rows[group] = self.spend_row(members)
            gross = sum(f.amount - f.discount for f in members if f.kind == "sale")
            rows[group]["average_order_value"] = ratio(gross, rows[group]["orders"] * MICRO)
        return rows

    def popularity(self, facts):
        rows = {}
        groups = self.group(facts, lambda f: (f.order.customer_type, f.sku, f.order.purchase["currency"]))
        for group, members in groups.items():
            row = self.spend_row(members)
            row["customers"] = len({f.order.customer for f in members if f.order.customer})
            rows[group] = {name: row[name] for name in VIEWS["product_popularity"][1] if name != "rank"}
        by_type = {}
        for group in rows:
            by_type.setdefault((group[0], group[2]), []).append(group)
        for members in by_type.values():
            members.sort(key=lambda group: (-rows[group]["customers"], -rows[group]["units"], group[1]))
            for rank, group in enumerate(members, 1):
                rows[group]["rank"] = rank
        return rows


def typed_row(name, row):
    """A row of the server's JSON answer as the twin would hold it: (key tuple, {measure: value})."""
    keys, measures = VIEWS[name]
    values = {}
    for measure in measures:
        value = row[measure]
        if value is not None and measure in MONEY_MEASURES:
            assert isinstance(value, str), f"{measure} is not a decimal string: {value!r}"
            value = money(value)
        elif value is not None and measure in RATIO_MEASURES:
            value = Decimal(value)
        values[measure] = value
    return tuple(row[key] for key in keys), values


def differences(name, expected, rows):
    """What differs between the twin's view and the server's rows, as sentences; empty when every cell is equal."""
    found = {}
    problems = []
    for row in rows:
        key, values = typed_row(name, row)
        if key in found:
            problems.append(f"{name} {key}: answered twice")
        found[key] = values
    for key in expected.keys() - found.keys():
        problems.append(f"{name} {key}: missing, should be {expected[key]}")
    for key in found.keys() - expected.keys():
        problems.append(f"{name} {key}: should not be there: {found[key]}")
    for key in expected.keys() & found.keys():
        for measure in VIEWS[name][1]:
            if expected[key][measure] != found[key][measure]:
                problems.append(f"{name} {key} {measure}: {found[key][measure]}, should be {expected[key][measure]}")
    return problems


def all_differences(shop_twin, server):
    """What differs between the twin and a server in any view."""
    return [problem for view in VIEWS for problem in differences(view, shop_twin.view(view), server.gold(view))]


def quarantine_differences(shop_twin, server):
    """What differs between the twin's quarantine and a server's, as sentences."""
    answered = {row["offset"]: row["rule"] for row in server.rows("/v1/quarantine")}
    expected = shop_twin.quarantine()
    return [f"quarantine {offset}: {answered.get(offset)}, should be {expected.get(offset)}"
            for offset in sorted(answered.keys() | expected.keys()) if answered.get(offset) != expected.get(offset)]
