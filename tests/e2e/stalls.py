"""How long this machine kept a process waiting that only wanted to run: what a busy machine adds to a measured time."""
import threading
import time

NAP = 0.01


class Stalls:
    """While it is open a thread naps and notes what came on top of its naps; `seconds` has the sum."""

    def __enter__(self):
        self.seconds = 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.nap)
        self.thread.start()
        return self

    def nap(self):
        while not self.over.is_set():
            begun = time.monotonic()
            time.sleep(NAP)
            self.seconds += max(0.0, time.monotonic() - begun - 2 * NAP)

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
