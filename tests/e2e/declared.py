"""Any view's declaration, computed from the twin's facts: a dumb recompute that knows nothing of how Lode does it."""
import tomllib
from decimal import Decimal

import twin

KEYS = {
    "day": lambda fact: fact.day,
    "country": lambda fact: fact.order.country,
    "currency": lambda fact: fact.order.purchase["currency"],
    "sku": lambda fact: fact.sku,
    "customer_id": lambda fact: fact.order.customer,
    "customer_type": lambda fact: fact.order.customer_type,
    "source": lambda fact: fact.order.purchase.get("source", ""),
    "kind": lambda fact: fact.kind,
}
STORED = {"sum", "distinct", "first", "last"}


def type_of(measure):
    return next(name for name in ("sum", "distinct", "first", "last", "difference", "ratio", "share", "rank") if name in measure)


def is_money(measures, name):
    measure = measures[name]
    kind = type_of(measure)
    return measure[kind] != "quantity" if kind == "sum" else kind == "difference" and is_money(measures, measure[kind][0])


def stored_value(measure, facts):
    facts = [fact for fact in facts if fact.kind in measure["kinds"]]
    kind = type_of(measure)
    if kind == "sum":
        operand = {"quantity": lambda f: f.quantity, "amount": lambda f: f.amount, "discount": lambda f: f.discount,
                   "net_amount": lambda f: f.amount - f.discount}[measure["sum"]]
        return sum(operand(fact) for fact in facts)
    if kind == "distinct":
        if measure["distinct"] == "order":
            return len({fact.order_id for fact in facts})
        return len({fact.order.customer for fact in facts if fact.order.customer})
    return (min if kind == "first" else max)((fact.day for fact in facts), default=None)


def computed(text, facts):
    """{key tuple: {measure: value}} of what is shown; money in millionths, ratios as Decimal."""
    view = tomllib.loads(text)
    measures = {measure["name"]: measure for measure in view["measures"]}
    groups = {}
    for fact in facts:
        if view.get("filter") and not fact.order.customer:
            continue
        groups.setdefault(tuple(KEYS[key](fact) for key in view["keys"]), []).append(fact)
    rows = {}
    for key, members in groups.items():
        row = {name: stored_value(measure, members) for name, measure in measures.items() if type_of(measure) in STORED}
        if not any(row.values()):
            continue
        for name, measure in measures.items():
            if type_of(measure) == "difference":
                row[name] = row[measure["difference"][0]] - row[measure["difference"][1]]
            elif type_of(measure) == "ratio":
                above, below = measure["ratio"]
                scale = (1 if is_money(measures, below) else twin.MICRO) if is_money(measures, above) else 1
                row[name] = twin.ratio(row[above], row[below] * scale)
        rows[key] = row
    for name, measure in measures.items():
        if type_of(measure) in ("share", "rank"):
            place = [view["keys"].index(key) for key in measure["within"]]
            parts = {}
            for key in rows:
                parts.setdefault(tuple(key[i] for i in place), []).append(key)
            for keys in parts.values():
                if type_of(measure) == "share":
                    whole = sum(rows[key][measure["share"]] for key in keys)
                    for key in keys:
                        rows[key][name] = twin.ratio(rows[key][measure["share"]], whole)
                    continue
                keys.sort(key=lambda key, by=measure["rank"]: ([-rows[key][one] for one in by], key))
                for rank, key in enumerate(keys, 1):
                    rows[key][name] = rank
    shown = [name for name, measure in measures.items() if not measure.get("hidden")]
    return {key: {name: row[name] for name in shown} for key, row in rows.items()}


def differences(text, facts, rows):
    """What differs between the recompute and a server's rows, cell by cell, as sentences."""
    view = tomllib.loads(text)
    measures = {measure["name"]: measure for measure in view["measures"]}
    expected, found = computed(text, facts), {}
    for row in rows:
        key = tuple(row[name] for name in view["keys"])
        values = {}
        for name, value in row.items():
            if name in view["keys"]:
                continue
            if value is not None and is_money(measures, name):
                value = twin.money(value)
            elif value is not None and type_of(measures[name]) in ("ratio", "share"):
                value = Decimal(value)
            values[name] = value
        found[key] = values
    problems = [f"{view['name']} {key}: {found.get(key)}, should be {expected.get(key)}"
                for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
    if len(found) != len(rows):
        problems.append(f"{view['name']}: {len(rows) - len(found)} rows were answered twice")
    return problems
