"""Whose room a transfer takes up and for how long, and whose an answer is: nobody gone or idle keeps others out."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transfers_helpers import RATE, Town, Wire, noise, payload_of
from vampbridge.bridge.errors import BusyError
from vampbridge.bridge.transfers import lists as lists_module
from vampbridge.bridge.transfers.downloads import DOWNLOAD_QUOTAS, LEAST_BYTES_PER_S, PATIENCE_S
from vampbridge.bridge.transfers.errors import QuotaError
from vampbridge.bridge.transfers.lists import DATAGRAMS as TURNS
from vampbridge.bridge.transfers.lists import MAX_WAITING, STREAM, Lists
from vampbridge.bridge.transfers.pacing import DATAGRAMS, GIVE_UP_S
from vampbridge.bridge.transfers.sender import Uploader
from vampbridge.bridge.transfers.sound import SoundFacts
from vampbridge.bridge.transfers.uploads import Quotas, Uploads

HERE, THERE = ("here", 1), ("there", 2)
PERFECT = Wire(random.Random(0))
TICK_S = 0.1


def facts_with(n_bytes, checksum="0" * 8):
    return SoundFacts(n_bytes // 4, 1, RATE, checksum)


# Whose an answer is.


@pytest.mark.parametrize("outcome", ["right", "wrong", "trouble"])
@pytest.mark.parametrize("is_cancelled", [False, True], ids=["replaced", "cancelled"])
def test_what_is_found_out_about_an_upload_that_was_given_up_is_not_told_to_the_next_of_its_id(outcome, is_cancelled):
    old, old_facts = payload_of(noise(200, 1))
    new, new_facts = payload_of(noise(2_000, 1, seed=3))
    if outcome == "wrong":
        old_facts = SoundFacts(200, 1, RATE, "00000000")
    with Town().open() as town:
        busy_with = []
        town.uploads._desk.vamps.do = busy_with.append  # the thread of files has other things to do
        town.run(Uploader("loop", old, old_facts, is_stream=False), PERFECT, until=lambda: busy_with)
        if is_cancelled:
            town.hear(HERE, "/vamp/upload/cancel", ("loop",))
        half = Uploader("loop", new, new_facts, is_stream=False)
        town.run(half, PERFECT, until=lambda: half.fraction > 0.2)
        town.sent = []
        with mock.patch.object(SoundFacts, "fits", side_effect=OSError("no") if outcome == "trouble" else None) as fits:
            fits.return_value = outcome == "right"
            busy_with.pop()()
        assert town.sent == []
        town.uploads._desk.vamps.do = lambda work: work()
        town.run(half, PERFECT)
        assert half.is_done
        assert [bytes(upload.receiver.payload) for upload in town.uploads._uploads] == [new]


# Uploads that nobody owns, or that get no further.


@pytest.mark.parametrize("quotas", [Quotas(all_count=3), Quotas(all_bytes=3 * 1600)], ids=["count", "bytes"])
def test_uploads_that_nobody_owns_give_way_the_oldest_first_and_no_others(quotas):
    uploads = Uploads(quotas)
    for number, name in enumerate("abc"):
        uploads.begin((name, 1), name, facts_with(1600), DATAGRAMS, float(number))
    a, b, _ = uploads
    for upload in (b, a):  # c has an owner
        uploads.forget(upload.owner)
    with pytest.raises(QuotaError, match="all clients together"):  # a and b still arrive, and may be gone on with
        uploads.begin(HERE, "d", facts_with(1600), DATAGRAMS, 9.0)
    a.state = b.state = "here"
    uploads.begin(HERE, "d", facts_with(1600), DATAGRAMS, 9.0)
    assert [upload.request_id for upload in uploads] == ["b", "c", "d"]
    uploads.begin(HERE, "e", facts_with(1600), DATAGRAMS, 9.0)
    assert [upload.request_id for upload in uploads] == ["c", "d", "e"]
    with pytest.raises(QuotaError, match="all clients together"):
        uploads.begin(HERE, "f", facts_with(1600), DATAGRAMS, 9.0)


def test_no_upload_gives_way_in_vain():
    uploads = Uploads(Quotas(all_bytes=4_800))
    for name in "ab":
        uploads.begin((name, 1), name, facts_with(1600), DATAGRAMS, 0.0)
    next(iter(uploads)).state = "here"
    uploads.forget(("a", 1))
    with pytest.raises(QuotaError):
        uploads.begin(HERE, "c", facts_with(3_600), DATAGRAMS, 0.0)
    assert [upload.request_id for upload in uploads] == ["a", "b"]


def test_clients_that_upload_once_and_leave_keep_nobody_out():
    uploads = Uploads()
    for number in range(3 * uploads.quotas.all_count):
        owner = (f"tcp:{number}", 1)
        uploads.begin(owner, "loop", facts_with(1600, f"{number:08x}"), DATAGRAMS, number * 0.1).state = "here"
        uploads.forget(owner)
    assert len(list(uploads)) == uploads.quotas.all_count


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("/vamp/upload/chunk", ("loop", 999_999, 0, b"0")),
        ("/vamp/upload/chunk", ("loop", 0, 0, b"0")),
        ("/vamp/upload/chunk", ("loop", 1, 7, b"0" * 16)),
        ("/vamp/upload", ("loop", 200, 1, RATE, "0" * 8, "f32")),
    ],
    ids=["no such chunk", "too short", "damaged", "announced again"],
)
def test_what_brings_an_upload_no_further_does_not_keep_it(address, arguments):
    with Town(Quotas(idle_s=60)).open() as town:
        town.hear(HERE, "/vamp/upload", ("loop", 200, 1, RATE, "0" * 8, "f32"))
        town.now_s += 59
        town.hear(HERE, address, arguments)
        town.now_s += 2
        town.uploads.tick(town.now_s)
        assert not list(town.uploads._uploads)


def test_a_chunk_or_a_client_that_goes_on_with_it_keeps_an_upload():
    payload, facts = payload_of(noise(200, 1))
    announced = ("loop", facts.n_frames, 1, RATE, facts.checksum, "f32")
    with Town(Quotas(idle_s=60)).open() as town:
        half = Uploader("loop", payload, facts, is_stream=False)
        town.run(half, PERFECT, until=lambda: half.fraction > 0)
        town.now_s += 59
        n_before = next(iter(town.uploads._uploads)).receiver.n_here
        half.reconnect(is_stream=False)
        town.run(half, PERFECT, until=lambda: next(iter(town.uploads._uploads)).receiver.n_here > n_before)
        town.now_s += 59
        town.uploads.tick(town.now_s)
        assert len(list(town.uploads._uploads)) == 1
        town.uploads.forget(HERE)
        town.hear(THERE, "/vamp/upload", announced)
        town.now_s += 59
        town.uploads.tick(town.now_s)
        assert len(list(town.uploads._uploads)) == 1


# Downloads that go on too slowly.


class Fetching:
    """Clients that fetch the same long sound, each as fast as it is told to."""

    def __init__(self, town, n_clients, n_frames=40_000):
        self.town, self.acknowledged = town, {}
        town.shelve(noise(n_frames, 1))
        for number in range(n_clients):
            for name in "ab":
                told = town.hear((f"client {number}", 1), "/vamp/download", (name, "abc"))
                assert told[0][1] == "/vamp/download/ready", told[0]
                self.acknowledged[(f"client {number}", 1), name] = 0

    def go_on(self, key, n_chunks):
        self.acknowledged[key] += n_chunks
        self.town.hear(key[0], "/vamp/download/ack", (key[1], self.acknowledged[key]))

    def names(self):
        return {(download.wanted.owner, download.wanted.request_id) for download in self.town.downloads._downloads}


def test_when_all_places_are_taken_the_slowest_download_gives_way_and_is_told():
    with Town().open(chunk_bytes=1_000) as town:
        fetching = Fetching(town, 8)  # of 160 chunks
        faster, slowest = (("client 3", 1), "a"), (("client 5", 1), "b")
        for second in range(1, 13):
            town.now_s += 1.0
            for key in fetching.acknowledged:
                fetching.go_on(key, 4 if key == faster else second != 12 or key != slowest)
            if second == PATIENCE_S - 2:
                (told,) = town.hear(HERE, "/vamp/download", ("c", "abc"))
                assert told[2][0] == "quota"  # it cannot be said yet who is slow
        assert town.hear(HERE, "/vamp/download", ("c", "abc"))[0][1] == "/vamp/download/ready"
        assert fetching.names() == (set(fetching.acknowledged) - {slowest}) | {(HERE, "c")}
        town.sent = []
        town.downloads.tick(town.now_s)
        ((to, _, told),) = [sent for sent in town.sent if sent[1] == "/vamp/error"]
        assert (to, told[0], told[3]) == (slowest[0], "transfer", slowest[1])
        assert "16 KiB/s" in told[2]


def test_downloads_that_go_on_fast_enough_give_way_to_nobody():
    assert LEAST_BYTES_PER_S < 17_000
    with Town().open(chunk_bytes=1_000) as town:
        fetching = Fetching(town, 8, n_frames=100_000)
        for _ in range(12):
            town.now_s += 1.0
            for key in fetching.acknowledged:
                for _ in range(5):  # no more than eight are on their way
                    fetching.go_on(key, 4)
        (told,) = town.hear(HERE, "/vamp/download", ("c", "abc"))
        assert told[2][0] == "quota"
        assert fetching.names() == set(fetching.acknowledged)


def test_a_slow_download_goes_on_as_long_as_nobody_wants_its_place_and_asking_again_makes_it_no_younger():
    with Town().open(chunk_bytes=1_000) as town:
        fetching = Fetching(town, 8)
        for _ in range(30):
            town.now_s += GIVE_UP_S - 1
            for key in fetching.acknowledged:
                fetching.go_on(key, 1)
            town.downloads.tick(town.now_s)
        assert fetching.names() == set(fetching.acknowledged)
        for (owner, name), n_chunks in fetching.acknowledged.items():
            town.hear(owner, "/vamp/download", (name, "abc", n_chunks))
        assert town.hear(HERE, "/vamp/download", ("c", "abc"))[0][1] == "/vamp/download/ready"


def test_who_gave_way_and_has_begun_again_is_not_told_that_it_failed():
    with Town().open(chunk_bytes=1_000) as town:
        fetching = Fetching(town, 8)
        for _ in range(2):
            town.now_s += PATIENCE_S / 2 + 1
            for key in fetching.acknowledged:
                fetching.go_on(key, 1)
        town.hear(HERE, "/vamp/download", ("c", "abc"))
        (gone,) = set(fetching.acknowledged) - fetching.names()
        town.hear(gone[0], "/vamp/download", (gone[1], "abc"))  # now another one has given way
        (other,) = set(fetching.acknowledged) - fetching.names()
        town.sent = []
        town.downloads.tick(town.now_s)
        assert [(to, told[3]) for to, address, told in town.sent if address == "/vamp/error"] == [other]


def test_slow_downloads_give_way_to_the_bytes_of_another_too():
    with Town().open(chunk_bytes=1_000) as town:
        fetching = Fetching(town, 2)
        town.downloads._downloads.quotas = replace(DOWNLOAD_QUOTAS, all_bytes=4 * 160_000)
        (_, _, told), *_ = town.hear(HERE, "/vamp/download", ("c", "abc"))
        assert told[0] == "quota"
        town.now_s += PATIENCE_S
        assert town.hear(HERE, "/vamp/download", ("c", "abc"))[0][1] == "/vamp/download/ready"
        assert len(fetching.names()) == 4


# Long lists.


@settings(max_examples=30, deadline=None)
@given(
    lengths=st.lists(st.tuples(st.sampled_from([HERE, THERE]), st.integers(1, 200)), max_size=6),
    tick_s=st.floats(0.01, 0.3),
)
def test_a_list_is_told_in_order_and_never_more_at_once_than_a_client_can_take(lengths, tick_s):
    clock, sent = SimpleNamespace(now_s=5.0), []
    with mock.patch.object(lists_module, "time", SimpleNamespace(monotonic=lambda: clock.now_s)):
        lists = Lists(lambda to, address, arguments: sent.append((to, address, arguments)))
        wanted = {HERE: [], THERE: []}
        for number, (to, length) in enumerate(lengths):
            messages = [("/vamp/take", (number, index)) for index in range(length)]
            wanted[to] += messages
            lists.tell(to, messages)
        told = {to: [one[1:] for one in sent if one[0] == to] for to in wanted}
        assert all(told[to] == wanted[to][: TURNS.at_once] for to in wanted)
        while sum(map(len, told.values())) < sum(map(len, wanted.values())):
            sent.clear()
            clock.now_s += tick_s
            lists.tick(clock.now_s)
            assert sent
            for to, messages in told.items():
                news = [one[1:] for one in sent if one[0] == to]
                assert len(news) <= min(TURNS.at_once, TURNS.per_s * tick_s + 1)
                messages.extend(news)
        assert told == wanted
        clock.now_s += 1.0
        lists.tick(clock.now_s)
        assert not lists._waiting  # nobody is remembered for ever


def test_lists_that_a_client_has_not_been_told_yet_are_limited_and_forgotten_with_it():
    sent = []
    lists = Lists(lambda *message: sent.append(message))
    lists.tell(HERE, [("/vamp/take", ())] * (TURNS.at_once + MAX_WAITING + 1))
    with pytest.raises(BusyError, match="1025 messages of lists wait"):
        lists.tell(HERE, [("/vamp/takes", (0,))])
    lists.tell(THERE, [("/vamp/takes", (0,))])
    assert sent.pop()[0] == THERE
    lists.forget(HERE)
    lists.tell(HERE, [("/vamp/takes", (0,))])
    assert sent.pop() == (HERE, "/vamp/takes", (0,))


def test_over_a_stream_where_nothing_gets_lost_a_list_is_told_at_once_but_not_list_after_list():
    sent, client = [], ("tcp:127.0.0.1#1", 1)
    lists = Lists(lambda *message: sent.append(message))
    with mock.patch.object(lists_module, "time", SimpleNamespace(monotonic=lambda: 5.0)):
        for _ in range(MAX_WAITING // STREAM.at_once + 2):
            lists.tell(client, [("/vamp/take", ())] * STREAM.at_once)
        assert len(sent) == STREAM.at_once
        with pytest.raises(BusyError):
            lists.tell(client, [("/vamp/takes", (0,))])


def test_a_thousand_takes_are_told_in_turns():
    with Town().open() as town:
        for number in range(1_000):
            town.shelve(noise(1, 1), f"{number}")
        told = [arguments[0] for _, _, arguments in town.hear(HERE, "/vamp/takes", (1024,))]
        assert len(told) == TURNS.at_once
        for _ in range(30):
            town.now_s += TICK_S
            town.sent = []
            town.lists.tick(town.now_s)
            assert len(town.sent) <= TURNS.at_once
            told += [arguments[0] for _, _, arguments in town.sent]
        assert told == [*(f"{number}" for number in reversed(range(1_000))), 1_000]
