"""The TCP gate that the tests of a cluster put between its nodes, against a server that sends back what it gets."""
import os
import socket
import socketserver
import threading
import time
import unittest

import gate


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(1 << 16):
            self.request.sendall(data)


class EchoServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass  # a connection that was cut


class Gate(unittest.TestCase):
    def setUp(self):
        self.echo = EchoServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=self.echo.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.addCleanup(self.echo.server_close)
        self.addCleanup(self.echo.shutdown)
        self.gates = gate.Gates()
        self.addCleanup(self.gates.close)
        self.gate = self.gates.gate(self.echo.server_address[1])

    def connected(self):
        client = socket.create_connection(("127.0.0.1", self.gate.port), 10)
        self.addCleanup(client.close)
        return client

    def echoed(self, client, data):
        client.sendall(data)
        return self.received(client, len(data))

    @staticmethod
    def received(client, size):
        found = b""
        while len(found) < size:
            piece = client.recv(size - len(found))
            if not piece:
                break
            found += piece
        return found

    def assert_silent(self, client, seconds=0.1):
        client.settimeout(seconds)
        with self.assertRaises(TimeoutError):
            client.recv(1)
        client.settimeout(10)

    def test_it_passes_everything_on(self):
        client = self.connected()
        self.assertEqual(self.echoed(client, b"one"), b"one")
        data = os.urandom(5_000_000)
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        self.assertEqual(self.received(client, len(data)), data)
        sender.join()
        self.assertEqual(self.gate.passed, 2 * (len(data) + 3))

    def test_an_end_that_closes_closes_the_other(self):
        client = self.connected()
        self.echoed(client, b"one")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(client.recv(1), b"")

    def test_delay(self):
        client = self.connected()
        self.gate.open(delay=0.05)
        started = time.monotonic()
        self.assertEqual(self.echoed(client, b"one"), b"one")
        self.assertGreater(time.monotonic() - started, 0.1)
        self.gate.open()
        started = time.monotonic()
        self.assertEqual(self.echoed(client, b"two"), b"two")
        self.assertLess(time.monotonic() - started, 0.09)

    def test_drop_swallows_and_the_connection_stays(self):
        client = self.connected()
        self.echoed(client, b"one")
        self.gate.set(gate.DROP)
        client.sendall(b"two")
        self.assert_silent(client)
        while self.gate.dropped < 3:
            time.sleep(0.01)
        self.gate.open()
        self.assertEqual(self.echoed(client, b"three"), b"three")

    def test_hold_loses_nothing(self):
        client = self.connected()
        self.echoed(client, b"one")
        self.gate.set(gate.HOLD)
        client.sendall(b"two")
        later = self.connected()
        later.sendall(b"four")
        self.assert_silent(client)
        self.gate.open()
        self.assertEqual(self.received(client, 3), b"two")
        self.assertEqual(self.received(later, 4), b"four")

    def test_cut_ends_and_refuses(self):
        client = self.connected()
        self.echoed(client, b"one")
        for _ in range(3):
            self.gate.set(gate.CUT)
            with self.assertRaises(ConnectionError):
                client.recv(1)
            with self.assertRaises(ConnectionRefusedError):
                self.connected()
            self.gate.open()
            client = self.connected()
            self.assertEqual(self.echoed(client, b"two"), b"two")

    def test_nobody_behind_it(self):
        self.echo.shutdown()
        self.echo.server_close()
        client = self.connected()
        with self.assertRaises(ConnectionError):
            if client.recv(1) == b"":
                raise ConnectionError

    def test_it_leaves_nothing_behind(self):
        before = len(os.listdir("/proc/self/fd"))
        clients = [self.connected() for _ in range(5)]
        for client in clients:
            self.echoed(client, b"one")
        self.gates.close()
        for client in clients:
            with self.assertRaises(ConnectionError):
                client.recv(1)
            client.close()
        with self.assertRaises(ConnectionRefusedError):
            self.connected()
        while len(os.listdir("/proc/self/fd")) >= before:
            time.sleep(0.01)  # the server's ends close in their threads
        self.assertFalse(self.gates.thread.is_alive())
