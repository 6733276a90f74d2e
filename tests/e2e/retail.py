"""The Online Retail data set (UCI, CC BY 4.0) as events, when it is at hand: $LODE_DATA_DIR/online_retail.csv.zst, else
../shared/data/ beside the repository. The project holds no copy of it."""
import csv
import functools
import io
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FEE_SKUS = ["POST", "DOT", "M", "D", "BANK CHARGES", "AMAZONFEE", "CRUK", "C2", "S", "PADS", "B"]


def path():
    """The file, or None."""
    folder = os.environ.get("LODE_DATA_DIR") or os.path.join(ROOT, "..", "shared", "data")
    file = os.path.join(folder, "online_retail.csv.zst")
    return os.path.abspath(file) if os.path.exists(file) else None


@functools.lru_cache(maxsize=1)
def text():
    return subprocess.run(["zstd", "-dc", path()], capture_output=True, check=True).stdout.decode("utf-8")


@functools.lru_cache(maxsize=1)
def events():
    """One purchase an invoice, in the file's order; an invoice's time, customer and country are its first row's."""
    invoices = {}
    for row in csv.DictReader(io.StringIO(text(), newline="")):
        invoice = row["InvoiceNo"]
        if invoice not in invoices:
            event = {
                "event_id": invoice, "type": "purchase", "source": "online_retail", "order_id": invoice,
                "occurred_at": row["InvoiceDate"].replace(" ", "T") + "Z", "currency": "GBP",
                "customer": {"country": row["Country"]}, "lines": [],
            }
            if row["CustomerID"]:
                event["customer"]["id"] = row["CustomerID"]
            invoices[invoice] = event
        line = {"sku": row["StockCode"], "quantity": int(row["Quantity"]), "unit_price": row["UnitPrice"]}
        if row["Description"]:
            line["description"] = row["Description"]
        invoices[invoice]["lines"].append(line)
    return list(invoices.values())
