"""TCP gates: each listens on a port of loopback and passes everything on to another, slows it down, loses it, or refuses it.

One thread for all gates of a `Gates`. Its methods may be called from any thread and have taken effect when they return.
"""
import asyncio
import collections
import contextlib
import socket
import struct
import threading

OPEN = "open"  # passes everything on, `delay` seconds later
HOLD = "hold"  # nothing passes, nothing is lost: like lost packets, sent again when the gate opens
DROP = "drop"  # swallows every byte; connections stay, and miss what was sent
CUT = "cut"    # ends every connection and refuses new ones
CHUNK_BYTES = 1 << 18


def bound_socket():
    """On a port of its own, which it keeps when it stops listening: only a port that is asked for by number stays."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        bound = socket.socket()
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # its old connections don't keep it from listening again
        try:
            bound.bind(("127.0.0.1", port))
            return bound
        except OSError:
            bound.close()  # somebody was faster


class Gate:
    """From its own `port` to the port `target`."""

    def __init__(self, gates, target):
        self.gates, self.target = gates, target
        self.mode, self.delay = OPEN, 0.0
        self.passed = self.dropped = 0  # bytes
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.listener = bound_socket()
        self.port = self.listener.getsockname()[1]
        self.accepting = None
        self.connections = set()  # tasks

    # What tests call.
    def set(self, mode, delay=0.0):
        self.gates.run(self.change(mode, delay))

    def open(self, delay=0.0):
        self.set(OPEN, delay)

    # On the thread of the gates.
    async def change(self, mode, delay):
        self.mode, self.delay = mode, delay
        if mode == HOLD:
            self.flowing.clear()
        else:
            self.flowing.set()
        if mode == CUT:
            await self.refuse()
        else:
            self.listen()

    def listen(self):
        if not self.accepting:
            self.listener.listen(64)
            self.accepting = asyncio.create_task(self.accept())

    async def refuse(self):
        """The listening socket keeps its port, but takes no connection any more."""
        tasks = [*self.connections, *([self.accepting] if self.accepting else [])]
        if self.accepting:
            self.accepting.cancel()
            self.accepting = None
            self.listener.shutdown(socket.SHUT_RDWR)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def accept(self):
        loop = asyncio.get_running_loop()
        while True:
            near, _ = await loop.sock_accept(self.listener)
            task = asyncio.create_task(self.connect(near))
            self.connections.add(task)
            task.add_done_callback(self.connections.discard)

    async def connect(self, near):
        writers = []
        try:
            reader, writer = await asyncio.open_connection(sock=near)
            writers.append(writer)
            await self.flowing.wait()
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            writers.append(far_writer)
            await self.first_of(self.carry(reader, far_writer), self.carry(far_reader, writer))
        except OSError:
            pass  # nobody listens there, or an end is gone: so is the other
        finally:
            for end in (near, *(writer.get_extra_info("socket") for writer in writers)):
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # the other end gets a reset
            near.close()
            for writer in writers:
                writer.transport.abort()

    async def carry(self, reader, writer):
        waiting, arrived = collections.deque(), asyncio.Event()
        await self.first_of(self.take(reader, waiting, arrived), self.give(writer, waiting, arrived))

    @staticmethod
    async def first_of(*parts):
        """Until one of them ends, or fails."""
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def take(self, reader, waiting, arrived):
        loop = asyncio.get_running_loop()
        while True:
            await self.flowing.wait()
            data = await reader.read(CHUNK_BYTES)
            if self.mode == DROP:
                self.dropped += len(data)
            else:
                waiting.append((loop.time() + self.delay, data))
                arrived.set()
            if not data:
                await asyncio.Event().wait()  # `give` ends the connection, in its turn
            while len(waiting) > 64:
                await asyncio.sleep(0.001)

    async def give(self, writer, waiting, arrived):
        loop = asyncio.get_running_loop()
        while True:
            while not waiting:
                arrived.clear()
                await arrived.wait()
            due, data = waiting[0]
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            await self.flowing.wait()
            waiting.popleft()
            if not data:
                writer.close()
                return await writer.wait_closed()  # with what it was given
            if self.mode == DROP:
                self.dropped += len(data)
                continue
            self.passed += len(data)
            writer.write(data)
            await writer.drain()


class Gates:
    """Makes gates, and ends all of them with everything that passes through them."""

    def __init__(self):
        self.all = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def gate(self, target):
        """An open gate to this port of loopback; it may be named before anybody listens there."""
        gate = self.run(self.make(target))
        self.all.append(gate)
        return gate

    async def make(self, target):
        gate = Gate(self, target)
        gate.listen()
        return gate

    def close(self):
        if self.thread.is_alive():
            self.run(self.end())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join()
            self.loop.close()

    async def end(self):
        for gate in self.all:
            with contextlib.suppress(OSError):
                await gate.refuse()
            gate.listener.close()
