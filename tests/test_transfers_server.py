"""Loops in and out of real servers, over real sockets: `serve` vamps them, `live` plays them."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
import soundfile
from live_helpers import Set
from looper_helpers import CONFIG
from serve_helpers import WAIT_S, FakeEngine, serving
from transfers_helpers import RATE, Way, noise, payload_of
from vampbridge.bridge.client import AsyncVampbridgeClient, ServerError, VampbridgeClient
from vampbridge.bridge.live_protocol import SLOT
from vampbridge.bridge.looper.messages import LoadTake, Verb
from vampbridge.bridge.protocol import INCOMING
from vampbridge.bridge.sessions.records import RunInfo
from vampbridge.bridge.sessions.store import create_session
from vampbridge.bridge.sessions.writer import SessionWriter
from vampbridge.bridge.transfers import pacing
from vampbridge.bridge.transfers.messages import Transfers
from vampbridge.bridge.transfers.protocol import TRANSFERS_IN
from vampbridge.bridge.transfers.sender import Downloader, Uploader
from vampbridge.bridge.transfers.shelf import ShelvedTake
from vampbridge.bridge.transfers.uploads import Quotas

N = 4_000


@pytest.fixture(params=[False, True], ids=["udp", "tcp"])
def is_stream(request):
    return request.param


def fetch(way, source, name="back"):
    half = way.drive(Downloader(name, source, is_stream=way.is_stream))
    assert half.failure is None
    return half.facts.decode(half.payload)


def bring(way, audio, name="loop", rate=RATE):
    payload, facts = payload_of(audio, rate)
    half = way.drive(Uploader(name, payload, facts, is_stream=way.is_stream))
    assert half.failure is None
    return facts


# Vamping without files.


def test_a_loop_travels_to_the_server_is_vamped_and_comes_back_to_the_bit(tmp_path, is_stream):
    audio = noise(60_000)  # 480 KB: 60 chunks over UDP, 4 over TCP
    with serving(FakeEngine(), tmp_path) as server, Way(server, is_stream=is_stream) as way:
        way.send("/vamp/set/variations", 2)
        bring(way, audio)
        way.send("/vamp/upload/vamp", "loop", 7)
        told = [way.wait_for("/vamp/done") for _ in range(2)]
        assert [(one[0], one[1]) for one in told] == [(7, "")] * 2
        gains = np.linspace(0.5, 0.25, 2, dtype=np.float32)
        for number, (one, gain) in enumerate(zip(told, gains, strict=True)):
            sound = fetch(way, one[3], f"back{number}")
            assert sound.sample_rate == RATE
            assert np.array_equal(sound.audio, audio[:, ::-1] * gain)
        way.send("/vamp/takes")
        assert [way.wait_for("/vamp/take")[0] for _ in range(2)] == [one[3] for one in reversed(told)]
        assert way.wait_for("/vamp/takes") == [2]
    assert list(tmp_path.iterdir()) == []


def test_a_vamp_of_an_upload_uses_the_mask_and_settings_of_its_client(tmp_path):
    engine = FakeEngine()
    with serving(engine, tmp_path) as server, Way(server, is_stream=False) as way:
        bring(way, noise(N))
        way.send("/vamp/set/seed", 5)
        way.send("/vamp/mask", 1, 2, 0, 1)
        way.send("/vamp/upload/vamp", "loop")
        way.wait_for("/vamp/done")
        way.send("/vamp/upload/vamp", "loop")
        way.wait_for("/vamp/done")
    first, second = engine.requests
    assert first.settings.seed == second.settings.seed == 5
    assert first.drawn_mask.tolist() == [[False, True]]
    assert first.settings.period == 0
    assert second.drawn_mask is None


def test_a_vamp_of_an_upload_can_be_cancelled(tmp_path):
    engine = FakeEngine()
    engine.holds = True
    with serving(engine, tmp_path) as server, Way(server, is_stream=False) as way:
        bring(way, noise(N))
        way.send("/vamp/upload/vamp", "loop", "v")
        engine.await_submit()
        way.send("/vamp/cancel", "v")
        told = way.error()
        assert (told[0], told[1], told[3]) == ("cancelled", "/vamp/upload/vamp", "v")


def test_what_is_not_there_or_not_complete_is_refused(tmp_path, is_stream):
    with serving(FakeEngine(), tmp_path) as server, Way(server, is_stream=is_stream) as way:
        way.send("/vamp/upload/vamp", "loop")
        assert way.error()[:2] == ["request", "/vamp/upload/vamp"]
        way.send("/vamp/upload", "loop", 100_000, 1, RATE, "0" * 8)
        assert way.wait_for("/vamp/upload/ready")[3] == 0
        way.send("/vamp/upload/vamp", "loop")
        assert "not complete" in way.error()[2]
        way.send("/vamp/upload/chunk", "loop", 99, 0, b"abc")
        assert way.error()[0] == "argument"
        way.send("/vamp/download", "d", "cafe")
        assert way.error()[0] == "request"
        way.send("/vamp/slot/1/load", str(tmp_path / "a.wav"))
        assert "vampbridge live" in way.error()[2]


def test_larger_uploads_than_the_options_allow_are_refused_by_the_name_of_the_option(tmp_path):
    mib = 2**20 // 4  # frames of one channel
    with (
        serving(FakeEngine(), tmp_path, upload_mb=2, upload_all_mb=3) as server,
        Way(server, is_stream=False) as way,
        Way(server, is_stream=True) as other,
    ):
        way.send("/vamp/upload", "large", 2 * mib + 1, 1, RATE, "0" * 8)
        code, address, reason, request_id = way.error()
        assert (code, address, request_id) == ("quota", "/vamp/upload", "large")
        assert reason.startswith("one client may have 2 MiB of transfers (--upload-mb)")
        way.send("/vamp/upload", "fits", 2 * mib, 1, RATE, "0" * 8)
        way.wait_for("/vamp/upload/ready")
        other.send("/vamp/upload", "more", mib + 1, 1, RATE, "0" * 8)
        assert "all clients together may have 3 MiB of transfers (--upload-all-mb)" in other.error()[2]
        other.send("/vamp/upload", "more", mib, 1, RATE, "0" * 8)
        other.wait_for("/vamp/upload/ready")


def test_a_server_may_take_no_uploads_at_all(tmp_path):
    with serving(FakeEngine(), tmp_path, upload_mb=0) as server, Way(server, is_stream=True) as way:
        way.send("/vamp/upload", "loop", 1, 1, RATE, "0" * 8)
        code, _, reason, _ = way.error()
        assert code == "quota"
        assert reason == "this server takes no uploads: it was started with --upload-mb 0"


def test_both_python_clients_drop_an_upload_that_they_want_no_more(tmp_path, is_stream):
    audio, transport = noise(16), "tcp" if is_stream else "udp"
    with serving(FakeEngine(), tmp_path) as server:
        with VampbridgeClient(*server.address, transport=transport, timeout_s=WAIT_S) as client:
            for _ in range(2 * Quotas().client_count):  # more than may be there at once
                upload_id = client.upload(audio, RATE)
                client.drop_upload(upload_id)
            with pytest.raises(ServerError, match="you have no upload with the id"):
                client.drop_upload(upload_id)

        async def use():
            async with AsyncVampbridgeClient(*server.address, transport=transport, timeout_s=WAIT_S) as client:
                upload_id = await client.upload(audio, RATE)
                await client.drop_upload(upload_id)
                with pytest.raises(ServerError, match="you have no upload with the id"):
                    await client.drop_upload(upload_id)

        asyncio.run(use())


def test_a_long_list_of_takes_reaches_a_client_over_udp_that_is_busy_for_a_while(tmp_path):
    n_takes = 400
    with (
        serving(FakeEngine(), tmp_path) as server,
        Way(server, is_stream=False) as way,
        Way(server, is_stream=True) as other,
    ):
        shelf = next(part for part in server._parts if isinstance(part, Transfers))._downloads._shelf
        for number in range(n_takes):
            shelf._takes[f"{number}"] = ShelvedTake(f"{number}", 1, noise(1, 1), RATE)
        way.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        way.send("/vamp/takes", 1024)
        while not server.counters.received:
            pass
        other.send("/vamp/takes", 1)
        other.wait_for("/vamp/takes")  # what was asked for before it has been read, and its client has not looked yet
        told = [way.wait_for("/vamp/take")[0] for _ in range(n_takes)]
        assert told == [f"{number}" for number in reversed(range(n_takes))]
        assert way.wait_for("/vamp/takes") == [n_takes]


def test_every_message_of_the_table_is_answered_by_a_handler(tmp_path):
    with serving(FakeEngine(), tmp_path) as server:
        assert {message.address for message in TRANSFERS_IN} <= server.handlers.keys()
        assert {message.address for message in TRANSFERS_IN} <= INCOMING.keys()


# Playing.


@contextmanager
def live(folder):
    """A set with a session on the disk, a server for it, and a client over TCP."""
    with Set() as on:
        on.audio.info = replace(on.audio.info, channels_in=(1, 2))
        session = create_session(folder / "session", RunInfo(CONFIG))
        writer = SessionWriter(session, on_trouble=lambda _: None)
        on.stage._parts.recorder = writer
        loops = folder / "loops"
        loops.mkdir()
        try:
            with serving(on.engine, loops, stage=on.stage) as server, Way(server, is_stream=True) as way:
                yield on, way, loops
        finally:
            writer.close()


def heard(on, n_frames=N):
    """What slot 1 plays, from its start on; (C, N)."""
    on.audio.play(64)
    assert on.stage.states[0].state == "playing"
    return on.audio.read_layer(on.stage.states[0].layer_id)[:, :n_frames]


def test_a_file_is_played_kept_in_the_session_and_saved_again(tmp_path):
    with live(tmp_path) as (on, way, loops):
        audio = noise(N)
        soundfile.write(loops / "in.wav", audio.T, CONFIG.sample_rate, subtype="FLOAT")
        way.send("/vamp/slot/1/load", str(loops / "in.wav"))
        take_id, loop_s, source = way.wait_for("/vamp/slot/1/loaded")
        assert (loop_s, source) == (N / CONFIG.sample_rate, str(loops / "in.wav"))
        assert np.array_equal(heard(on), audio)
        way.send("/vamp/slot/1/save", str(loops / "out.wav"))
        assert way.wait_for("/vamp/slot/1/saved") == [str(loops / "out.wav"), take_id]
        saved = soundfile.SoundFile(loops / "out.wav")
        assert (saved.subtype, saved.samplerate) == ("FLOAT", CONFIG.sample_rate)
        assert np.array_equal(saved.read(dtype="float32").T, audio)
        way.send("/vamp/slot/1/clear")
        on.wait(lambda: on.audio.is_asked(Verb))
        on.audio.play(N)
        assert on.stage.states[0].state == "off"
        way.send("/vamp/slot/1/recall", take_id)
        on.wait(lambda: on.audio.is_asked(LoadTake))
        assert np.array_equal(heard(on), audio)


def test_an_upload_is_fitted_to_the_device_and_fetched_back_from_the_slot(tmp_path):
    with live(tmp_path) as (on, way, _):
        t = np.arange(N) / N
        audio = np.stack([np.sin(2 * np.pi * 40 * t), np.cos(2 * np.pi * 40 * t)]).astype(np.float32)
        bring(way, audio, rate=2 * CONFIG.sample_rate)
        way.send("/vamp/slot/2/load_upload", "loop")
        assert way.wait_for("/vamp/slot/2/loaded")[2] == "loop"
        on.audio.play(64)
        sound = fetch(way, 2)
        assert (sound.audio.shape, sound.sample_rate) == ((2, N // 2), CONFIG.sample_rate)
        # A tone far below half of either rate: what resampling as a ring leaves of it is rounding.
        assert np.abs(sound.audio - audio[:, ::2]).max() < 1e-5


def test_more_channels_than_the_looper_has_become_one(tmp_path):
    with live(tmp_path) as (on, way, _):
        audio = noise(N, 4)
        bring(way, audio, rate=CONFIG.sample_rate)
        way.send("/vamp/slot/1/load_upload", "loop")
        way.wait_for("/vamp/slot/1/loaded")
        assert np.allclose(heard(on), audio.mean(axis=0), atol=1e-6)


def test_takes_are_listed_the_newest_first_with_what_they_come_from(tmp_path):
    with live(tmp_path) as (on, way, _):
        on.record(N)
        on.audio.play(N)  # its end is blended, and it is closed
        layer_id = on.stage.states[0].layer_id
        played = on.audio.read_layer(layer_id)
        bring(way, noise(N), rate=CONFIG.sample_rate)
        way.send("/vamp/slot/1/vamp")
        way.send("/vamp/ping")
        way.wait_for("/vamp/pong")
        on.audio.play(64)
        on.wait(lambda: on.engine.requests)
        on.wait(lambda: on.audio._inbox)
        way.send("/vamp/slot/2/load_upload", "loop")
        loaded = way.wait_for("/vamp/slot/2/loaded")[0]
        way.send("/vamp/slot/1/takes")
        made, layer = way.wait_for("/vamp/slot/1/take"), way.wait_for("/vamp/slot/1/take")
        assert way.wait_for("/vamp/slot/1/takes") == [2]
        assert (made[1], made[3]) == (on.engine.requests[0].settings.seed, f"L{layer_id}")
        assert (layer[0], layer[1], layer[3]) == (f"L{layer_id}", -1, "")
        way.send("/vamp/takes", 2)
        assert [(one[0], one[4]) for one in (way.wait_for("/vamp/take"), way.wait_for("/vamp/take"))] == [
            (loaded, 2),
            (made[0], 1),
        ]
        assert np.array_equal(fetch(way, f"L{layer_id}").audio, played)
        assert np.array_equal(fetch(way, made[0], "b").audio, played[:, ::-1] * np.float32(0.5))


def test_nothing_is_read_or_written_outside_the_folders_or_over_what_is_not_ours(tmp_path):
    with live(tmp_path) as (on, way, loops):
        on.record(N)
        outside = tmp_path / "outside.wav"
        soundfile.write(outside, noise(N).T, RATE)
        theirs = loops / "theirs.wav"
        theirs.write_bytes(b"theirs")
        (loops / "link.wav").symlink_to(outside)
        for verb, path, code in (
            ("load", outside, "path"),
            ("load", loops / "link.wav", "path"),
            ("load", loops / "none.wav", "path"),
            ("load", theirs, "audio"),
            ("save", outside, "path"),
            ("save", theirs, "path"),
            ("save", loops / "a.flac", "path"),
            ("save", loops / "x" / "a.wav", "path"),
        ):
            way.send(f"/vamp/slot/1/{verb}", str(path))
            assert way.error()[:2] == [code, f"/vamp/slot/1/{verb}"], (verb, path)
        assert theirs.read_bytes() == b"theirs"
        assert sorted(path.name for path in loops.iterdir()) == ["link.wav", "theirs.wav"]


def test_a_slot_that_is_empty_or_none_is_refused(tmp_path):
    with live(tmp_path) as (_, way, loops):
        for address, *arguments in (
            ("/vamp/slot/1/save", str(loops / "a.wav")),
            ("/vamp/slot/1/download", "d"),
            ("/vamp/slot/*/save", str(loops / "a.wav")),
            ("/vamp/slot/*/download", "d"),
            ("/vamp/slot/9/takes",),
            ("/vamp/slot/9/load_upload", "loop"),
        ):
            way.send(address, *arguments)
            assert way.error()[:2] == ["request", address]
        way.send("/vamp/slot/1/save", str(loops / "a.wav"), "cafe")
        assert way.error()[0] == "session"


def test_a_download_of_a_slot_that_nobody_acknowledges_ends_at_the_address_it_was_asked_for_by(tmp_path):
    with live(tmp_path) as (on, way, _), mock.patch.object(pacing, "GIVE_UP_S", 0.2):
        on.record(N)
        on.wait(lambda: on.stage.states[0].n_frames)
        way.send("/vamp/slot/1/download", "d")
        assert way.error()[:2] == ["transfer", "/vamp/slot/1/download"]


def test_a_file_for_all_slots_is_played_by_all(tmp_path):
    with live(tmp_path) as (on, way, loops):
        soundfile.write(loops / "in.wav", noise(N, 1).T, CONFIG.sample_rate)
        way.send(SLOT.replace("<slot>", "*") + "load", str(loops / "in.wav"))
        ids = {way.wait_for(f"/vamp/slot/{slot}/loaded")[0] for slot in (1, 2)}
        on.audio.play(64)
        assert ids == {state.take_id for state in on.stage.states}
        assert len(ids) == 1
