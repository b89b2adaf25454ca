"""Chunks and windows without sockets: whatever the wire does, all bits arrive, or it is said why not."""

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transfers_helpers import RATE, Town, Wire, noise, payload_of
from vampbridge.bridge.errors import ArgumentError
from vampbridge.bridge.transfers.errors import ChecksumError, TransferError
from vampbridge.bridge.transfers.pacing import DATAGRAMS, GIVE_UP_S, ChunkSender, Pace
from vampbridge.bridge.transfers.receiving import MAX_BAD, ChunkReceiver
from vampbridge.bridge.transfers.sender import Downloader, Uploader
from vampbridge.bridge.transfers.sound import SoundFacts, crc32_of

HERE, THERE = ("here", 1), ("there", 2)
PERFECT = Wire(random.Random(0))

BAD = 0.6
"""A loss at which giving up after ten seconds is a fair end, too."""

wires = st.builds(
    Wire,
    rng=st.integers(0, 2**32).map(random.Random),
    loss=st.sampled_from([0.0, 0.05, 0.3, BAD]),
    double=st.sampled_from([0.0, 0.2]),
    delay_steps=st.integers(0, 8),
)


@contextlib.contextmanager
def fairly(wire):
    """On a wire that is hardly one, an error that says so will do."""
    try:
        yield
    except TransferError:
        assert wire.loss == BAD


@settings(max_examples=25, deadline=None)
@given(wire=wires, n_frames=st.integers(1, 400), chunk_bytes=st.integers(1, 64))
def test_an_upload_arrives_to_the_bit_over_any_wire(wire, n_frames, chunk_bytes):
    payload, facts = payload_of(noise(n_frames, 1))
    with Town().open(max(chunk_bytes, n_frames // 50 + 1)) as town, fairly(wire):
        half = Uploader("loop", payload, facts, is_stream=False)
        town.run(half, wire)
        assert half.is_done, half.failure
        (upload,) = town.uploads._uploads
        assert upload.state == "here"
        assert bytes(upload.receiver.payload) == payload


@settings(max_examples=25, deadline=None)
@given(wire=wires, n_frames=st.integers(1, 400))
def test_a_download_arrives_to_the_bit_over_any_wire(wire, n_frames):
    audio = noise(n_frames)
    with Town().open(n_frames // 10 + 1) as town, fairly(wire):
        town.shelve(audio)
        half = Downloader("loop", "abc", is_stream=False)
        town.run(half, wire)
        assert half.is_done, half.failure
        assert np.array_equal(half.facts.decode(half.payload).audio, audio)


@settings(max_examples=20, deadline=None)
@given(wire=wires, breaks=st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=4))
def test_an_upload_goes_on_over_other_connections_of_either_kind(wire, breaks):
    payload, facts = payload_of(noise(300, 1))
    with Town().open() as town, fairly(wire):
        half = Uploader("loop", payload, facts, is_stream=False)
        for number, (share, is_stream) in enumerate(breaks):
            key = (f"client {number}", 1)
            clean = Wire(wire.rng) if is_stream else wire  # a stream loses nothing
            town.run(half, clean, key, is_stream=is_stream, until=lambda share=share: half.fraction >= share)
            town.uploads.forget(key)
            half.reconnect(is_stream=False)
            if breaks[number + 1 :] and not half.is_over:
                half.reconnect(is_stream=breaks[number + 1][1])
        town.run(half, wire)
        assert half.is_done, half.failure
        assert bytes(next(iter(town.uploads._uploads)).receiver.payload) == payload


def test_what_has_arrived_before_a_break_is_not_sent_again():
    payload, facts = payload_of(noise(400, 1))
    with Town().open() as town:
        first = Uploader("loop", payload, facts, is_stream=False)
        town.run(first, PERFECT, HERE, until=lambda: first.fraction > 0.5)
        n_before = town.chunks
        town.uploads.forget(HERE)
        second = Uploader("loop", payload, facts, is_stream=False)
        town.run(second, PERFECT, THERE)
        assert second.is_done
        assert town.chunks <= 100 + DATAGRAMS.most  # what was on its way at the break may come twice
        assert n_before > 50


def test_a_download_goes_on_where_the_connection_broke():
    audio = noise(400, 1)
    with Town().open() as town:
        town.shelve(audio)
        half = Downloader("loop", "abc", is_stream=False)
        town.run(half, PERFECT, HERE, until=lambda: half.fraction > 0.5)
        town.downloads.forget(HERE)
        half.reconnect(is_stream=True)
        town.run(half, PERFECT, THERE, is_stream=True)
        assert half.is_done
        assert np.array_equal(half.facts.decode(half.payload).audio, audio)


def test_a_loop_that_changed_between_two_connections_is_fetched_whole():
    with Town().open() as town:
        town.shelve(noise(400, 1))
        half = Downloader("loop", "abc", is_stream=False)
        town.run(half, PERFECT, HERE, until=lambda: half.fraction > 0.5)
        town.downloads.forget(HERE)
        changed = noise(500, 1, seed=1)
        town.shelve(changed)
        half.reconnect(is_stream=False)
        town.run(half, PERFECT, THERE)
        assert half.is_done
        assert np.array_equal(half.facts.decode(half.payload).audio, changed)


def test_single_losses_do_not_stop_the_flow():
    payload, facts = payload_of(noise(20_000, 1))
    with Town().open(80) as town:
        half = Uploader("loop", payload, facts, is_stream=False)
        seconds = town.run(half, Wire(random.Random(1), loss=0.05))
        # 1,000 chunks, at least 8 of them on their way for at most 2 steps of 5 ms; a timeout for each loss were 25 s.
        assert half.is_done
        assert seconds < 3.0
        assert town.chunks < 1_200


def test_nobody_there_ends_in_an_error_that_says_so():
    payload, facts = payload_of(noise(100, 1))
    with Town().open() as town:
        for half in (Uploader("a", payload, facts, is_stream=False), Downloader("a", "abc", is_stream=True)):
            with pytest.raises(TransferError, match="nothing for 10 s"):
                town.run(half, Wire(random.Random(0), loss=1.0))
        half = Uploader("b", payload, facts, is_stream=False)
        town.run(half, PERFECT, until=lambda: half.fraction > 0)
        with pytest.raises(TransferError, match="begin again with the same id"):
            town.run(half, Wire(random.Random(0), loss=1.0))


def test_a_download_that_nobody_reads_is_given_up_and_told():
    with Town().open() as town:
        town.shelve(noise(400, 1))
        town.hear(HERE, "/vamp/download", ("loop", "abc"))
        town.now_s += GIVE_UP_S
        town.downloads.tick(town.now_s)
        (told,) = [sent for sent in town.sent if sent[1] == "/vamp/error"]
        assert told[2][0] == "transfer"
        assert not list(town.downloads._downloads)


def test_damaged_chunks_are_asked_for_again():
    receiver = ChunkReceiver(40, 10, ack_every=4)
    assert receiver.accept(0, crc32_of(b"0" * 10), b"0" * 10) is False
    assert receiver.accept(1, crc32_of(b"0" * 10) ^ 1, b"0" * 10) is True
    assert receiver.answer() == (2, [1])


def test_a_client_that_reckons_another_crc_is_told_in_the_end():
    receiver = ChunkReceiver(40, 10, ack_every=4)
    for _ in range(MAX_BAD):
        receiver.accept(0, 7, b"0" * 10)
    with pytest.raises(ChecksumError, match="chunk 0 with 7"):
        receiver.accept(0, 7, b"0" * 10)


@pytest.mark.parametrize(("index", "size"), [(4, 10), (-1, 10), (0, 9), (0, 11), (3, 10)])
def test_chunks_that_are_none_are_refused(index, size):
    receiver = ChunkReceiver(39, 10, ack_every=4)
    with pytest.raises(ArgumentError):
        receiver.accept(index, 0, b"0" * size)
    assert receiver.answer() == (0, [])


def test_the_checksum_of_the_whole_is_what_counts():
    payload, facts = payload_of(noise(100, 1))
    wrong = SoundFacts(facts.n_frames, 1, RATE, "00000000")
    with Town().open() as town:
        half = Uploader("loop", payload, wrong, is_stream=False)
        town.run(half, PERFECT)
        assert half.failure is not None
        assert half.failure[0] == "checksum"
        town.uploads.tick(town.now_s)
        assert not list(town.uploads._uploads)


@settings(max_examples=40, deadline=None)
@given(
    n_bytes=st.integers(1, 300),
    acks=st.lists(st.tuples(st.integers(-5, 2**31 - 1), st.lists(st.integers(-5, 400), max_size=8)), max_size=30),
)
def test_answers_of_any_kind_never_break_the_sender_nor_its_bounds(n_bytes, acks):
    pace = Pace(chunk_bytes=3, least=2, most=5, ack_every=2, is_stream=False)
    sender, now_s = ChunkSender(bytes(n_bytes), pace, 0.0), 0.0
    for next_chunk, missing in acks:
        chunks = sender.due(now_s)
        assert len(chunks) <= pace.most
        assert len(sender._on_way) <= pace.most
        assert all(0 <= chunk.index < sender.n_chunks for chunk in chunks)
        sender.acknowledge(next_chunk, missing, now_s)
        assert 0 <= sender.n_arrived <= sender.n_chunks
        now_s += 0.1


@settings(max_examples=40)
@given(n_bytes=st.integers(1, 200), sizes=st.lists(st.integers(1, 50), min_size=2, max_size=4), data=st.data())
def test_chunks_of_another_size_keep_what_is_whole_and_lose_nothing(n_bytes, sizes, data):
    whole = bytes(random.Random(n_bytes).randbytes(n_bytes))
    receiver = ChunkReceiver(n_bytes, sizes[0], ack_every=4)
    for size in sizes:
        before = min(n_bytes, receiver.first_missing * receiver.chunk_bytes)
        receiver.cut_anew(size)
        assert receiver.first_missing * size > before - size
        for index in data.draw(st.lists(st.integers(0, receiver.n_chunks - 1), max_size=5)):
            blob = whole[index * size : (index + 1) * size]
            receiver.accept(index, crc32_of(blob), blob)
    for index in range(receiver.n_chunks):
        blob = whole[index * sizes[-1] : (index + 1) * sizes[-1]]
        receiver.accept(index, crc32_of(blob), blob)
    assert receiver.is_complete
    assert bytes(receiver.payload) == whole
