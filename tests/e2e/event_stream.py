"""A client of server-sent events."""
import http.client
import json
import time

SECONDS = 20


class EventStream:
    """A text/event-stream read event by event."""

    def __init__(self, port, path, last_id=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        headers = {"Last-Event-ID": str(last_id)} if last_id is not None else {}
        self.connection.request("GET", path, headers={"Accept": "text/event-stream", **headers})
        self.answer = self.connection.getresponse()

    def next(self):
        """The next event's fields, its data decoded; comments are passed over, but not for ever."""
        fields, begun = {}, time.monotonic()
        while time.monotonic() - begun < SECONDS:
            line = self.answer.readline().decode("utf-8")
            if not line:
                raise AssertionError("the stream has ended")
            line = line.rstrip("\r\n")
            if not line and "data" in fields:
                return {**fields, "data": json.loads(fields["data"])}
            name, _, value = line.partition(":")
            if name:
                fields[name] = fields.get(name, "") + value.removeprefix(" ")
        raise AssertionError(f"no event within {SECONDS} s")

    def close(self):
        self.connection.close()
        self.answer.close()
