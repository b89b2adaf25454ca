"""Both halves of a transfer: on a wire that loses, doubles and reorders, and on real sockets."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import time
from collections import deque
from dataclasses import dataclass, replace
from types import SimpleNamespace
from unittest import mock

import numpy as np
from vampbridge.bridge.net.slip import FrameReader, frame, unescape
from vampbridge.bridge.osc_server import build_message, parse_packet
from vampbridge.bridge.transfers import download_messages, lists, pacing, upload_messages
from vampbridge.bridge.transfers.download_messages import DownloadMessages
from vampbridge.bridge.transfers.errands import Errands
from vampbridge.bridge.transfers.lists import Lists
from vampbridge.bridge.transfers.protocol import TRANSFERS_IN
from vampbridge.bridge.transfers.shelf import Shelf, ShelvedTake
from vampbridge.bridge.transfers.sound import encode, facts_of
from vampbridge.bridge.transfers.upload_messages import UploadMessages

TABLE = {message.address: message for message in TRANSFERS_IN}
STEP_S = 0.005
RATE = 8_000
WAIT_S = 30.0


def noise(n_frames, n_channels=2, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n_channels, n_frames)).astype(np.float32)


def payload_of(audio, rate=RATE):
    payload = encode(audio)
    return payload, facts_of(payload, len(audio), rate)


@dataclass
class Wire:
    """What a wire does to each packet."""

    rng: random.Random
    loss: float = 0.0
    double: float = 0.0
    delay_steps: int = 0

    def copies(self):
        """After how many steps each copy of a packet arrives."""
        n_copies = (self.rng.random() >= self.loss) + (self.rng.random() < self.double)
        return [1 + self.rng.randint(0, self.delay_steps) for _ in range(n_copies)]


class Town:
    """A server's half and clients, on wires, in a time of their own. Chunks are small, so that there are many."""

    def __init__(self, quotas=None):
        self.now_s = 1000.0
        self.sent = []
        self.chunks = 0
        desk = SimpleNamespace(send=self._send, vamps=SimpleNamespace(do=lambda work: work()))
        errands, shelf = Errands(desk), Shelf()
        self.shelf = shelf
        self.uploads = UploadMessages(desk, errands, shelf, quotas)
        self.lists = Lists(self._send)
        self.downloads = DownloadMessages(desk, errands, shelf, None, lists=self.lists)
        self._handlers = {**self.uploads.handlers, **self.downloads.handlers}

    @contextlib.contextmanager
    def open(self, chunk_bytes=16):
        clock = SimpleNamespace(monotonic=lambda: self.now_s)
        small = replace(pacing.DATAGRAMS, chunk_bytes=chunk_bytes)
        large = replace(pacing.STREAM, chunk_bytes=3 * chunk_bytes + 1)
        with (
            mock.patch.object(upload_messages, "time", clock),
            mock.patch.object(download_messages, "time", clock),
            mock.patch.object(lists, "time", clock),
            mock.patch.object(pacing, "DATAGRAMS", small),
            mock.patch.object(pacing, "STREAM", large),
        ):
            yield self

    def shelve(self, audio, take_id="abc"):
        self.shelf._takes[take_id] = ShelvedTake(take_id, 1, audio, RATE)

    def hear(self, key, address, arguments, *, is_stream=False):
        """One message of a client; what it is answered with."""
        self.sent, before = [], self.sent
        client = SimpleNamespace(address=key, is_stream=is_stream)
        (told,) = parse_packet(build_message(address, arguments))
        self.chunks += address == "/vamp/upload/chunk"
        try:
            self._handlers[address](TABLE[address].parse(told.arguments, told.tags), client, key)
        except Exception as error:
            if not hasattr(error, "code"):
                raise
            self._send(key, "/vamp/error", (error.code, address, str(error), arguments[0]))
        self.sent, answered = before, self.sent
        return answered

    def run(self, half, wire, key=("here", 1), *, is_stream=False, until=lambda: False):
        """Until it is over, or `until`; seconds."""
        start_s, step = self.now_s, 0
        out, back = deque(), deque()
        while not half.is_over and not until():
            for message in half.poll(self.now_s):
                out.extend((step + later, message) for later in wire.copies())
            self.sent = []
            if not step % 20:
                self.uploads.tick(self.now_s)
                self.downloads.tick(self.now_s)
            answers = self.sent
            for message in _due(out, step):
                answers += self.hear(key, *message, is_stream=is_stream)
            back.extend((step + later, answer) for _, *answer in answers for later in wire.copies())
            for address, arguments in _due(back, step):
                half.hear(address, arguments, self.now_s)
            self.now_s += STEP_S
            step += 1
            assert step < 100_000, "it never ends"
        return self.now_s - start_s

    def _send(self, to, address, arguments=()):
        self.sent.append((to, address, arguments))


def _due(line, step):
    """Take out what has arrived."""
    waiting = list(line)
    line.clear()
    line.extend(entry for entry in waiting if entry[0] > step)
    return [message for at, message in waiting if at <= step]


class Way:
    """A client's socket to a real server; UDP or TCP."""

    def __init__(self, server, *, is_stream):
        self.is_stream = is_stream
        kind = socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.connect((server.address[0], server.tcp_port if is_stream else server.address[1]))
        self._reader = FrameReader(4 * 2**20)
        self._heard = deque()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, address, *arguments):
        packet = build_message(address, arguments)
        self.socket.sendall(frame(packet) if self.is_stream else packet)

    def receive(self, timeout_s=WAIT_S):
        """The next message, (address, arguments); None if none came in time."""
        while not self._heard:
            ready, _, _ = select.select([self.socket], [], [], timeout_s)
            if not ready:
                return None
            data = self.socket.recv(2**18)
            packets = [unescape(one) for one in self._reader.feed(data)] if self.is_stream else [data]
            self._heard.extend((m.address, list(m.arguments)) for packet in packets for m in parse_packet(packet))
        return self._heard.popleft()

    def wait_for(self, address):
        """Arguments of the next message to an address; an error fails the test."""
        while (heard := self.receive()) is not None:
            if heard[0] == address:
                return heard[1]
            assert heard[0] != "/vamp/error", heard
        raise TimeoutError(address)

    def error(self):
        """The next error."""
        while (heard := self.receive()) is not None:
            if heard[0] == "/vamp/error":
                return heard[1]
        raise TimeoutError("/vamp/error")

    def drive(self, half):
        """Send and hear until it is over."""
        end_s = time.monotonic() + WAIT_S
        while not half.is_over:
            assert time.monotonic() < end_s
            for address, arguments in half.poll(time.monotonic()):
                self.send(address, *arguments)
            heard = self.receive(min(0.1, max(0.0, half.next_s - time.monotonic())))
            if heard is not None:
                half.hear(*heard, time.monotonic())
        for address, arguments in half.poll(time.monotonic()):
            self.send(address, *arguments)
        return half
