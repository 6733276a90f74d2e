"""Small events for the tests, spelled out once."""
DAY = "2011-01-05"


def line(sku="85123A", quantity=6, unit_price="2.55", **more):
    return {"sku": sku, "quantity": quantity, "unit_price": unit_price, **more}


def purchase(number, lines=None, **more):
    event = {"event_id": f"p{number}", "type": "purchase", "occurred_at": f"{DAY}T08:26:00Z", "source": "web",
             "order_id": f"o{number}", "currency": "GBP", "customer": {"id": "17850", "country": "United Kingdom"},
             "lines": lines or [line()]}
    return {**event, **more}


def revision(number, revision_number, lines, **more):
    return purchase(number, lines, event_id=f"p{number}-r{revision_number}", revision=revision_number, **more)


def refund(event_id, order, lines, day="2011-01-07", **more):
    return {"event_id": event_id, "type": "refund", "occurred_at": f"{day}T10:00:00Z", "source": "web",
            "order_id": f"o{order}", "lines": lines, **more}


def cancellation(event_id, order, **more):
    return {"event_id": event_id, "type": "cancellation", "occurred_at": "2011-01-09T10:00:00Z", "source": "web",
            "order_id": f"o{order}", **more}
