"""Watches the nodes of a cluster while things happen to it: what must never differ between them, and never happens twice."""
import threading

EVERY_SECONDS = 0.02


class Watch:
    """Polls every node on a thread of its own. `problems()`: two hashes of the state at one log entry, two leaders in one term."""

    def __init__(self, made):
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.hashes = {}   # entry: {hash: nodes}
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
                    self.hashes.setdefault(found["entry"], {}).setdefault(found["hash"], set()).add(node.id)
                if facts and facts["state"] == "leader":
                    self.leaders.setdefault(facts["term"], set()).add(node.id)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return self

    def problems(self):
        return ([f"at entry {entry}: {hashes}" for entry, hashes in self.hashes.items() if len(hashes) > 1] +
                [f"leaders of term {term}: {nodes}" for term, nodes in self.leaders.items() if len(nodes) > 1])

    def compared(self):
        """The entries at which more than one node was seen."""
        return sum(any(len(nodes) > 1 for nodes in hashes.values()) for hashes in self.hashes.values())

    def __repr__(self):
        return f"state hashes compared at {self.compared()} entries while it ran; terms {sorted(self.leaders)}"
