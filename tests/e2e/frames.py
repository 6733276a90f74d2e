"""The TCP protocol without any library: FlatBuffers written and read by hand, after schema/frame.fbs and schema/event.fbs.

A table to write is {slot: (kind, value)}; kinds are struct letters for numbers, and bytes, text, table, tables.
"""
import json
import socket
import struct

# enum Body
HELLO, HELLO_RESULT, APPEND, APPEND_RESULT, FETCH, FETCH_RESULT, ERROR = range(1, 8)
STATUSES = ["accepted", "duplicate", "rejected", "quarantined"]
EVENT_TYPES = {"purchase": 1, "refund": 2, "cancellation": 3, "customer": 4, "product": 5}
JSON_ITEM, FLATBUFFERS_ITEM = 1, 2


class Writer:
    def __init__(self):
        self.out = bytearray(4)  # the root's offset

    def finish(self, table):
        struct.pack_into("<I", self.out, 0, self.table(table))
        return bytes(self.out)

    def pad(self, size):
        self.out.extend(bytes(-len(self.out) % size))

    def table(self, fields):
        """Writes vtable, table, then what it points to; the table's position."""
        sizes = {slot: struct.calcsize("<" + kind) if len(kind) == 1 else 4 for slot, (kind, _) in fields.items()}
        places, end = {}, 4
        for slot in sorted(fields, key=lambda slot: -sizes[slot]):
            end += -end % sizes[slot]
            places[slot] = end
            end += sizes[slot]
        slots = max(fields, default=-1) + 1
        self.pad(2)
        vtable = len(self.out)
        self.out += struct.pack(f"<{slots + 2}H", 4 + 2 * slots, end, *(places.get(slot, 0) for slot in range(slots)))
        self.pad(8)
        start = len(self.out)
        self.out.extend(bytes(end))
        struct.pack_into("<i", self.out, start, start - vtable)
        for slot, (kind, value) in fields.items():
            at = start + places[slot]
            if len(kind) == 1:
                struct.pack_into("<" + kind, self.out, at, value)
            else:
                struct.pack_into("<I", self.out, at, getattr(self, kind)(value) - at)
        return start

    def bytes(self, value):
        self.out.extend(bytes(-(len(self.out) + 4) % 8))  # the data on 8 bytes: it may be a buffer of its own
        start = len(self.out)
        self.out += struct.pack("<I", len(value)) + value
        return start

    def text(self, value):
        start = self.bytes(value.encode())
        self.out.append(0)
        return start

    def tables(self, values):
        self.pad(4)
        start = len(self.out)
        self.out += struct.pack("<I", len(values)) + bytes(4 * len(values))
        for index, value in enumerate(values):
            at = start + 4 + 4 * index
            struct.pack_into("<I", self.out, at, self.table(value) - at)
        return start


class Table:
    """A table that was received."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        vtable = at - struct.unpack_from("<i", data, at)[0]
        size = struct.unpack_from("<H", data, vtable)[0]
        self.slots = struct.unpack_from(f"<{(size - 4) // 2}H", data, vtable + 4)

    def place(self, slot):
        return self.at + self.slots[slot] if slot < len(self.slots) and self.slots[slot] else None

    def number(self, slot, kind, default=0):
        place = self.place(slot)
        return default if place is None else struct.unpack_from("<" + kind, self.data, place)[0]

    def target(self, slot):
        place = self.place(slot)
        return None if place is None else place + struct.unpack_from("<I", self.data, place)[0]

    def table(self, slot):
        return Table(self.data, self.target(slot))

    def bytes(self, slot):
        start = self.target(slot)
        if start is None:
            return b""
        return self.data[start + 4:start + 4 + struct.unpack_from("<I", self.data, start)[0]]

    def text(self, slot):
        return self.bytes(slot).decode()

    def tables(self, slot):
        start = self.target(slot)
        if start is None:
            return []
        count = struct.unpack_from("<I", self.data, start)[0]
        places = [start + 4 + 4 * index for index in range(count)]
        return [Table(self.data, place + struct.unpack_from("<I", self.data, place)[0]) for place in places]


    def structs(self, slot, form):
        start = self.target(slot)
        if start is None:
            return []
        count = struct.unpack_from("<I", self.data, start)[0]
        return [struct.unpack_from(form, self.data, start + 4 + struct.calcsize(form) * index) for index in range(count)]


class Client:
    """One connection; append() waits for its answer, send_append() and receive() pipeline."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.correlation, self.gaps = 0, []
        self.send(HELLO, {0: ("I", 1), 1: ("text", "e2e")})
        _, kind, _ = self.receive()
        assert kind == HELLO_RESULT, kind

    def send(self, kind, body):
        self.correlation += 1
        frame = Writer().finish({0: ("Q", self.correlation), 1: ("B", kind), 2: ("table", body)})
        self.socket.sendall(struct.pack("<I", len(frame)) + frame)
        return self.correlation

    def read(self, size):
        data = bytearray()
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise ConnectionError("the server closed the connection")
            data += piece
        return bytes(data)

    def receive(self):
        """(correlation, kind, body) of the next frame."""
        frame = self.read(struct.unpack("<I", self.read(4))[0])
        root = Table(frame, struct.unpack_from("<I", frame)[0])
        return root.number(0, "Q"), root.number(1, "B"), root.table(2)

    def send_append(self, items, all_results=False, committed=False):
        """Items are events (sent as JSON), or (format, bytes) pairs."""
        tables = []
        for item in items:
            form, data = (JSON_ITEM, json.dumps(item).encode()) if isinstance(item, dict) else item
            tables.append({0: ("B", form), 1: ("bytes", data)})
        return self.send(APPEND, {0: ("tables", tables), 1: ("B", committed), 2: ("B", all_results)})

    @staticmethod
    def append_result(kind, body):
        if kind == ERROR:
            return {"error": body.text(1), "status": body.number(0, "H"), "detail": body.text(3)}
        return {"accepted": body.number(0, "I"), "duplicates": body.number(1, "I"), "rejected": body.number(2, "I"),
                "first_offset": body.number(3, "q", -1), "last_offset": body.number(4, "q", -1),
                "results": [{"index": item.number(0, "I"), "status": STATUSES[item.number(1, "B")],
                             "offset": item.number(2, "q", -1), "code": item.text(3), "pointer": item.text(4)}
                            for item in body.tables(5)]}

    def append(self, items, **options):
        self.send_append(items, **options)
        return self.append_result(*self.receive()[1:])

    def fetch(self, start, limit=1000, wait_ms=0):
        """(records as (offset, format, payload), next offset)."""
        self.send(FETCH, {0: ("Q", start), 1: ("I", limit), 2: ("I", wait_ms)})
        _, kind, body = self.receive()
        assert kind == FETCH_RESULT, body.text(1) if kind == ERROR else kind
        self.gaps = body.structs(3, "<QQ")  # of the last fetch
        return [(r.number(0, "Q"), r.number(2, "B"), r.bytes(3)) for r in body.tables(0)], body.number(1, "Q")

    def close(self):
        self.socket.close()


def flatbuffers_event(event, micros, money):
    """An event in its FlatBuffers form, as an item; `micros` and `money` turn time and money into numbers."""
    texts = {0: "event_id", 2: "source", 4: "order_id", 5: "currency", 6: "channel", 17: "country"}
    fields = {slot: ("text", event[name]) for slot, name in texts.items() if name in event}
    fields[1] = ("B", EVENT_TYPES[event["type"]])
    fields[3] = ("q", micros(event["occurred_at"]))
    if "revision" in event:
        fields[7] = ("q", event["revision"])
    for slot, name in ((8, "id"), (9, "type"), (10, "country")):
        if name in event.get("customer", {}):
            fields[slot] = ("text", event["customer"][name])
    lines = []
    for line in event.get("lines", ()):
        table = {slot: ("text", line[name]) for slot, name in ((0, "sku"), (1, "description"), (2, "category")) if name in line}
        table[3] = ("i", line["quantity"])
        if "unit_price" in line:
            table[4] = ("q", money(line["unit_price"]))
        table[5] = ("q", money(line.get("discount", 0)))
        lines.append(table)
    if lines:
        fields[14] = ("tables", lines)
    return FLATBUFFERS_ITEM, Writer().finish(fields)
