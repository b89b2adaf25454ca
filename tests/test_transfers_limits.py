"""What is said of a sound, and how much of it may be here."""

from __future__ import annotations

import random
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transfers_helpers import RATE, Town, Wire, noise, payload_of
from vampbridge.bridge.errors import ArgumentError
from vampbridge.bridge.serve_options import ServeOptions
from vampbridge.bridge.transfers.downloads import DOWNLOAD_QUOTAS, download_quotas
from vampbridge.bridge.transfers.errors import QuotaError
from vampbridge.bridge.transfers.pacing import DATAGRAMS
from vampbridge.bridge.transfers.sender import Uploader
from vampbridge.bridge.transfers.shelf import Shelf
from vampbridge.bridge.transfers.sound import SoundFacts, crc32_of, encode, sha256_of, signed
from vampbridge.bridge.transfers.uploads import MIB, Quotas, Uploads, upload_quotas
from vampbridge.engine.errors import AudioError

HERE, THERE = ("here", 1), ("there", 2)
WAIT_S = 30.0  # never reached unless something is broken
PERFECT = Wire(random.Random(0))


@pytest.mark.parametrize(
    ("name", "dtype", "scale"), [("f32", "<f4", 1.0), ("s16", "<i2", 2.0**15), ("s24", "<i4", 2.0**23)]
)
def test_sounds_of_every_format_come_out_as_they_went_in(name, dtype, scale):
    levels = np.array([[-1.0, 0.5], [0.25, -0.125], [0.0, 0.75]])  # (N, C)
    raw = (levels * scale).astype(dtype)
    payload = raw.tobytes()
    if name == "s24":
        payload = raw.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    facts = SoundFacts(3, 2, RATE, sha256_of(payload), name)
    assert facts.fits(payload)
    sound = facts.decode(payload)
    assert sound.audio.dtype == np.float32
    assert np.array_equal(sound.audio, levels.T.astype(np.float32))


def test_a_sound_that_is_not_finite_is_refused():
    payload, facts = payload_of(np.array([[0.0, np.nan]], np.float32))
    with pytest.raises(AudioError, match="finite"):
        facts.decode(payload)


@pytest.mark.parametrize("checksum", ["", "1234567", "123456789", "g" * 8, "0" * 63])
def test_a_checksum_is_a_crc_or_a_sha(checksum):
    with pytest.raises(ArgumentError, match="checksum must be 8 hexadecimal digits"):
        SoundFacts(1, 1, RATE, checksum)


def test_ten_minutes_are_the_longest_sound():
    SoundFacts(600 * RATE, 1, RATE, "0" * 8)
    with pytest.raises(ArgumentError, match=r"10 min at 8000 Hz, got 4800001"):
        SoundFacts(600 * RATE + 1, 1, RATE, "0" * 8)


@settings(max_examples=40)
@given(st.binary(max_size=40))
def test_a_crc_is_the_same_with_either_sign(data):
    assert signed(zlib.crc32(data)) == crc32_of(data)
    assert crc32_of(data) & 0xFFFF_FFFF == zlib.crc32(data)
    assert -(2**31) <= crc32_of(data) < 2**31


# Quotas.


def facts_with(n_bytes, checksum="0" * 8):
    return SoundFacts(n_bytes // 4, 1, RATE, checksum)


@pytest.mark.parametrize(
    ("quotas", "said"),
    [
        (Quotas(client_count=2), "one client may have 2 transfers"),
        (Quotas(all_count=2), "all clients together may have 2 transfers"),
        (Quotas(client_bytes=4000), "one client may have"),
        (Quotas(all_bytes=4000), "all clients together may have"),
    ],
)
def test_a_client_may_have_so_much_and_no_more(quotas, said):
    uploads = Uploads(quotas)
    for name in "ab":
        uploads.begin(HERE, name, facts_with(1600), DATAGRAMS, 0.0)
    with pytest.raises(QuotaError, match=said):
        uploads.begin(HERE, "c", facts_with(1600), DATAGRAMS, 0.0)
    uploads.begin(HERE, "a", facts_with(1200, "1" * 8), DATAGRAMS, 0.0)  # in the place of the one of that name
    assert len(list(uploads)) == 2


def test_an_upload_that_is_left_alone_is_dropped_and_its_client_told():
    payload, facts = payload_of(noise(400, 1))
    with Town(Quotas(idle_s=5, kept_s=50)).open() as town:
        half = Uploader("loop", payload, facts, is_stream=False)
        town.run(half, PERFECT, until=lambda: half.fraction > 0.5)
        town.now_s += 5.1
        town.sent = []
        town.uploads.tick(town.now_s)
        assert [sent[2][0] for sent in town.sent if sent[1] == "/vamp/error"] == ["transfer"]
        assert not list(town.uploads._uploads)
        done = Uploader("loop", payload, facts, is_stream=False)
        town.run(done, PERFECT)
        town.now_s += 40
        town.uploads.tick(town.now_s)
        assert len(list(town.uploads._uploads)) == 1
        town.now_s += 20
        town.uploads.tick(town.now_s)
        assert not list(town.uploads._uploads)


@pytest.mark.parametrize("trouble", [MemoryError("full"), OSError(5, "Input/output error"), AssertionError("a bug")])
def test_an_upload_whose_check_fails_unexpectedly_is_told_and_takes_up_no_room(trouble):
    payload, facts = payload_of(noise(200, 1))
    quotas = Quotas(client_count=1, client_bytes=len(payload), all_count=1, all_bytes=len(payload))
    with Town(quotas).open() as town:
        half = Uploader("loop", payload, facts, is_stream=False)
        with mock.patch.object(SoundFacts, "fits", side_effect=trouble):
            town.run(half, PERFECT)
        assert half.failure is not None
        assert half.failure[0] == "engine"
        assert type(trouble).__name__ in half.failure[1]
        again = Uploader("loop", payload, facts, is_stream=False)  # at once, and not only when the server looks round
        town.run(again, PERFECT)
        assert again.is_done
        town.hear(HERE, "/vamp/upload/cancel", ("loop",))
        with mock.patch.object(SoundFacts, "fits", side_effect=trouble):
            town.run(Uploader("loop", payload, facts, is_stream=False), PERFECT)
        town.uploads.tick(town.now_s)
        assert not list(town.uploads._uploads)
        other = Uploader("other", payload, facts, is_stream=False)
        town.run(other, PERFECT, THERE)
        assert other.is_done


def test_an_upload_whose_check_cannot_be_begun_is_checked_when_it_comes_up_again():
    payload, facts = payload_of(noise(200, 1))
    with Town().open() as town:
        half = Uploader("loop", payload, facts, is_stream=False)
        with (
            mock.patch.object(town.uploads._errands, "do", side_effect=RuntimeError("no")),
            pytest.raises(RuntimeError),
        ):
            town.run(half, PERFECT)
        town.run(half, PERFECT)
        assert half.is_done


def test_the_options_of_the_server_are_the_quotas_of_uploads_and_a_sound_that_came_may_go():
    assert Quotas(client_option="--upload-mb", all_option="--upload-all-mb") == upload_quotas(ServeOptions())
    small, large = (upload_quotas(ServeOptions(upload_mb=number)) for number in (1, 2048))
    assert (small.client_bytes, small.all_bytes) == (MIB, 2 * MIB)
    assert upload_quotas(ServeOptions(upload_mb=3, upload_all_mb=4)).all_bytes == 4 * MIB
    assert download_quotas(small) == DOWNLOAD_QUOTAS
    assert (download_quotas(large).client_bytes, download_quotas(large).all_bytes) == (2048 * MIB, 4096 * MIB)
    assert download_quotas(large).client_count == DOWNLOAD_QUOTAS.client_count


@pytest.mark.parametrize(("option", "said"), [("--upload-mb", ": it was started with --upload-mb 0"), ("", "")])
def test_a_server_without_uploads_says_so_and_names_the_option_if_there_is_one(option, said):
    with pytest.raises(QuotaError) as refused:
        Uploads(Quotas(client_bytes=0, client_option=option)).begin(HERE, "a", facts_with(16), DATAGRAMS, 0.0)
    assert str(refused.value) == f"this server takes no uploads{said}"


def test_an_upload_of_a_client_that_is_there_is_its_own():
    payload, facts = payload_of(noise(200, 1))
    with Town().open() as town:
        first = Uploader("loop", payload, facts, is_stream=False)
        town.run(first, PERFECT, HERE)
        second = Uploader("loop", payload, facts, is_stream=False)
        town.run(second, PERFECT, THERE)
        assert [upload.owner for upload in town.uploads._uploads] == [HERE, THERE]
        answered = town.hear(("third", 3), "/vamp/upload/chunk", ("loop", 0, 0, b"0"))
        assert answered[0][2][:2] == ("request", "/vamp/upload/chunk")


def test_two_downloads_of_a_client_at_once_and_no_third():
    with Town().open() as town:
        town.shelve(noise(400, 1))
        for name in "ab":
            assert town.hear(HERE, "/vamp/download", (name, "abc"))[0][1] == "/vamp/download/ready"
        (told,) = town.hear(HERE, "/vamp/download", ("c", "abc"))
        assert told[2][0] == "quota"
        town.hear(HERE, "/vamp/download/cancel", ("a",))
        assert town.hear(HERE, "/vamp/download", ("c", "abc"))[0][1] == "/vamp/download/ready"


def test_a_download_of_which_the_client_has_everything_is_over_at_once():
    with Town().open() as town:
        town.shelve(noise(400, 1))
        for name in "abc":  # two at once are the most
            told = town.hear(HERE, "/vamp/download", (name, "abc", 100))
            assert [address for _, address, _ in told] == ["/vamp/download/ready", "/vamp/download/done"]


def test_a_window_that_takes_long_holds_up_neither_the_server_nor_other_clients():
    is_sending, may_go_on = threading.Event(), threading.Event()
    with Town().open() as town, ThreadPoolExecutor(1) as files, ThreadPoolExecutor(1) as server:
        town.shelve(noise(400, 1))
        assert town.hear(THERE, "/vamp/download", ("b", "abc"))[0][1] == "/vamp/download/ready"
        desk = town.downloads._desk
        send, desk.vamps.do = desk.send, files.submit

        def send_slowly(to, *what):
            if to == HERE:
                is_sending.set()
                assert may_go_on.wait(WAIT_S)
            send(to, *what)

        desk.send = send_slowly
        town.hear(HERE, "/vamp/download", ("a", "abc"))
        assert is_sending.wait(WAIT_S)
        try:
            server.submit(town.downloads.tick, town.now_s).result(WAIT_S)
            answered = server.submit(town.hear, THERE, "/vamp/download/ack", ("b", 4)).result(WAIT_S)
            assert [address for _, address, _ in answered] == ["/vamp/download/chunk"] * len(answered)
            assert len(answered) >= 4
            server.submit(town.hear, HERE, "/vamp/download/cancel", ("a",)).result(WAIT_S)
            server.submit(town.downloads.forget, HERE).result(WAIT_S)
        finally:
            may_go_on.set()


@pytest.mark.parametrize("request_id", ["", "x" * 65, "é" * 33, float("nan")])
def test_an_id_that_no_chunk_can_carry_is_refused(request_id):
    with Town().open() as town:
        (told,) = town.hear(HERE, "/vamp/upload", (request_id, 10, 1, RATE, "0" * 8))
        assert told[2][0] == "argument"


def test_the_shelf_keeps_the_newest_takes_that_there_is_room_for():
    shelf = Shelf(max_bytes=1000)
    for number in range(4):
        report = SimpleNamespace(take_id=f"t{number}", seed=number, lineage=())
        shelf.put(SimpleNamespace(audio=np.zeros((1, 1, 100), np.float32), sample_rate=RATE, report=report))
    assert [one.take_id for one in shelf.newest(9)] == ["t3", "t2"]
    assert shelf.get("t0") is None
    huge = SimpleNamespace(take_id="huge", seed=0, lineage=())
    shelf.put(SimpleNamespace(audio=np.zeros((1, 1, 1000), np.float32), sample_rate=RATE, report=huge))
    assert [one.take_id for one in shelf.newest(9)] == ["huge"]


def test_encoding_is_interleaved_little_endian_float32():
    assert encode(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)) == np.array([1, 3, 2, 4], "<f4").tobytes()
