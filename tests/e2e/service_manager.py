"""The service manager's end of its socket: what systemd hears of a program, in the order in which it is told."""
import os
import socket
import time


class ServiceManager:
    def __init__(self, folder, watchdog_seconds=None):
        self.path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.environment = {"NOTIFY_SOCKET": self.path}
        if watchdog_seconds:
            self.environment["WATCHDOG_USEC"] = str(int(watchdog_seconds * 1e6))
        self.told = []  # {name: value} of each message

    def take(self, seconds):
        """The next message as {name: value}; nothing when none comes."""
        self.socket.settimeout(seconds)
        try:
            message = self.socket.recv(65536).decode()
        except TimeoutError:
            return None
        self.told.append(dict(line.split("=", 1) for line in message.splitlines()))
        return self.told[-1]

    def wait(self, name, seconds=30):
        """The next message that has `name`."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            message = self.take(1)
            if message and name in message:
                return message
        raise AssertionError(f"nobody was told {name}: {self.told[-10:]}")

    def drain(self):
        while self.take(0.001):
            pass

    def close(self):
        self.socket.close()
