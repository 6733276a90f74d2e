"""Load on a cluster: clients that post to any node, the same body again until each of its events is acknowledged."""
import http.client
import json
import random
import threading
import time

import lode

GIVE_UP_SECONDS = 60
AGAIN_SECONDS = 0.02


class Acknowledged:
    """A request that was acknowledged."""

    def __init__(self, node, events, results, started, refusals):
        self.node, self.events, self.results, self.started, self.refusals = node, events, results, started, refusals
        self.ended = time.monotonic()


class Client:
    """One connection at a time, for one thread. `sticky`: to the node that answered last, else to any for each request."""

    def __init__(self, cluster, seed=0, sticky=False, timeout=3):
        self.cluster, self.dice, self.sticky, self.timeout = cluster, random.Random(seed), sticky, timeout
        self.connection, self.node = None, None

    def go_to(self, node):
        if node is not self.node:
            self.close()
            self.node = node

    def some_node(self):
        others = [node for node in self.cluster if node is not self.node] or list(self.cluster)
        return self.dice.choice(others)

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def once(self, events):
        """The answer of the node that the client is at, or what kept it from coming."""
        body = "".join(json.dumps(event) + "\n" for event in events).encode()
        try:
            if not self.connection:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=self.timeout)
            self.connection.request("POST", "/v1/events?results=all", body, {"Content-Type": lode.NDJSON})
            answer = self.connection.getresponse()
            return lode.Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return error

    def post(self, events):
        """Until it is acknowledged."""
        started, refusals = time.monotonic(), []
        if not self.node or not self.sticky:
            self.go_to(self.some_node())
        while True:
            answer = self.once(events)
            if isinstance(answer, lode.Answer) and answer.status not in (429, 503):
                return Acknowledged(self.node, events, self.checked(answer, events), started, refusals)
            code = answer.json["code"] if isinstance(answer, lode.Answer) else type(answer).__name__
            refusals.append((self.node.id, code))
            if time.monotonic() - started > GIVE_UP_SECONDS:
                raise AssertionError(f"not acknowledged within {GIVE_UP_SECONDS} s: {refusals[-20:]}")
            self.go_to(self.some_node())
            if len(refusals) > 1:
                time.sleep(AGAIN_SECONDS)

    @staticmethod
    def checked(answer, events):
        results = answer.json.get("results", []) if answer.status == 200 else []
        if len(results) != len(events) or any(result["status"] == "rejected" for result in results):
            raise AssertionError(f"{answer}")
        return results


class Load:
    """Batches, posted by `writers` threads at a pace until there are no more."""

    def __init__(self, cluster, batches, seed=0, writers=4, per_second=None, after=None, **client):
        """`after(request, dice)` is called for each acknowledged request, on its writer's thread; what it returns is a problem."""
        self.cluster, self.batches = cluster, iter(batches)
        self.per_second, self.after = per_second, after
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.acknowledged, self.problems = [], []
        self.taken = 0  # events
        self.due = time.monotonic()
        clients = [Client(cluster, f"{seed}/{number}", **client) for number in range(writers)]
        self.threads = [threading.Thread(target=self.run, args=(client,), daemon=True) for client in clients]

    def start(self):
        self.due = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def pace(self, per_second):
        """Events a second from now on; None: as fast as they are acknowledged."""
        with self.lock:
            self.per_second, self.due = per_second, time.monotonic()

    def next(self):
        """(batch, when it is due), or None."""
        with self.lock:
            batch = None if self.stopping.is_set() else next(self.batches, None)
            if batch is None:
                return None
            self.taken += len(batch)
            due = max(self.due, time.monotonic() - 0.5)  # what a fault held up is not made up for at once
            self.due = due + (len(batch) / self.per_second if self.per_second else 0)
            return batch, due

    def run(self, client):
        try:
            while taken := self.next():
                batch, due = taken
                self.stopping.wait(max(0.0, due - time.monotonic()) if self.per_second else 0)
                request = client.post(batch)
                problem = self.after(request, client.dice) if self.after else None
                with self.lock:
                    self.acknowledged.append(request)
                    if problem:
                        self.problems.append(problem)
        except Exception as error:  # whatever it is, the test has to hear of it
            with self.lock:
                self.problems.append(f"{type(error).__name__}: {error}")
        finally:
            client.close()

    def stop(self):
        """No more batches; what is on its way is still acknowledged."""
        self.stopping.set()
        return self.wait()

    def wait(self):
        for thread in self.threads:
            thread.join()
        return self

    def count(self):
        with self.lock:
            return len(self.acknowledged)

    def events(self):
        return [event for request in self.acknowledged for event in request.events]

    def gaps(self, since=0.0):
        """The times between one acknowledgement and the next, longest first."""
        moments = sorted(request.ended for request in self.acknowledged)
        return sorted((b - a for a, b in zip(moments, moments[1:]) if b >= since), reverse=True)

    def refused_more_than_once(self):
        return [request.refusals for request in self.acknowledged if len(request.refusals) > 1]
