"""Watches the nodes of a cluster while things happen to it: what must never differ between them, and never happens twice."""
import threading

EVERY_SECONDS = 0.02


class Watch:
    """Polls every node on a thread of its own. `problems()`: two state hashes at one offset, two leaders in one term."""

    def __init__(self, made):
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.hashes = {}   # (offset, ruleset): {hash: nodes}
        self.leaders = {}  # term: nodes
        self.threads = [threading.Thread(target=self.run, args=(node,), daemon=True) for node in made]
        for thread in self.threads:
            thread.start()

    def run(self, node):
        while not self.stopping.wait(EVERY_SECONDS):
            status, facts = node.status(), node.facts()
            with self.lock:
                if status:
                    found = status["state_hash"]
                    at = (found["offset"], status["ruleset"])
                    self.hashes.setdefault(at, {}).setdefault(found["hash"], set()).add(node.id)
                if facts and facts["state"] == "leader":
                    self.leaders.setdefault(facts["term"], set()).add(node.id)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return self

    def problems(self):
        return ([f"at offset {at}: {hashes}" for at, hashes in self.hashes.items() if len(hashes) > 1] +
                [f"leaders of term {term}: {nodes}" for term, nodes in self.leaders.items() if len(nodes) > 1])

    def compared(self):
        """The offsets at which more than one node was seen."""
        return sum(any(len(nodes) > 1 for nodes in hashes.values()) for hashes in self.hashes.values())

    def __repr__(self):
        return f"state hashes compared at {self.compared()} offsets while it ran; terms {sorted(self.leaders)}"
