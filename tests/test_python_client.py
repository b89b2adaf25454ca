"""Promises about the Python client: what is told is typed, what is refused is raised, nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from serve_helpers import WAIT_S, FakeEngine, serving, write_loop
from vampbridge.bridge.client import (
    AsyncVampbridgeClient,
    DisconnectedError,
    NoAnswerError,
    ServerError,
    VampbridgeClient,
)
from vampbridge.bridge.client import synchronous as synchronous_module
from vampbridge.bridge.client.events import Log, TakesTold, TakeTold
from vampbridge.engine.errors import AudioError, SettingError
from vampbridge.engine.files import read_audio
from vampbridge.engine.settings import preset

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from vampbridge.bridge.server import Server

TRANSPORTS = ("udp", "tcp")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def server(engine: FakeEngine, tmp_path: Path) -> Iterator[Server]:
    write_loop(tmp_path / "loop.wav")
    # Replies go elsewhere unless the client says where it listens, as with the program's own default.
    with serving(engine, tmp_path, reply_port=9) as running:
        yield running


@pytest.fixture(params=TRANSPORTS)
def client(request: pytest.FixtureRequest, server: Server) -> Iterator[VampbridgeClient]:
    with VampbridgeClient(*server.address, transport=request.param, timeout_s=WAIT_S) as made:
        yield made


def with_async_client(server: Server, transport: str, use: Callable[[AsyncVampbridgeClient], Awaitable[None]]) -> None:
    """Run a coroutine with a client; no task and no thread may be left."""

    async def run() -> None:
        async with AsyncVampbridgeClient(*server.address, transport=transport, timeout_s=WAIT_S) as made:
            await use(made)
        assert len(asyncio.all_tasks()) == 1

    before = threading.active_count()
    asyncio.run(run(), debug=True)
    assert threading.active_count() == before


def test_a_server_says_who_it_is(client: VampbridgeClient) -> None:
    client.ping()
    assert client.version().bundle == "fake"
    hello = client.hello()
    assert (hello.bundle, hello.n_slots, "live" in hello.capabilities) == ("fake", 0, False)
    status = client.status()
    assert (status.bundle, status.engine_ready, status.unfinished) == ("fake", 1, 0)


def test_settings_are_changed_and_read_back(client: VampbridgeClient) -> None:
    client.preset("wild")
    assert client.settings() == preset("wild")
    client.set(temperature=1.25, typical=False, combine="all", seed=5)
    assert client.settings() == preset("wild").changed(temperature=1.25, typical=False, combine="all", seed=5)
    client.set(seed=None)
    assert client.settings().seed is None


def test_what_is_refused_is_raised_with_its_code(client: VampbridgeClient) -> None:
    with pytest.raises(ServerError, match="from 0 to 5, got 50") as refused:
        client.set(temperature=50)
    assert (refused.value.code, refused.value.address) == ("setting", "/vamp/set/temperature")
    with pytest.raises(ServerError, match="there is no address") as refused:
        client.send("/vamp/nothing")
    assert refused.value.code == "address"
    client.ping()
    assert list(client.events(0)) == []  # told once, by the exception


def test_a_file_is_vamped_once_for_each_variation(client: VampbridgeClient, tmp_path: Path) -> None:
    client.set(variations=2, seed=7)
    stages: list[str] = []
    takes = client.vamp_file(
        tmp_path / "loop.wav", tmp_path / "out.wav", on_progress=lambda told: stages.append(told.stage)
    )
    assert [take.path for take in takes] == [str(tmp_path / f"out-{number}.wav") for number in (1, 2)]
    assert {take.seed for take in takes} == {7}
    assert stages[0] == "queued"
    loop, made = read_audio(tmp_path / "loop.wav").audio, read_audio(tmp_path / "out-1.wav").audio
    np.testing.assert_allclose(made, loop[:, ::-1] * 0.5, atol=2**-15)
    assert [event.text for event in client.events(0) if isinstance(event, Log)] == ["This take is fake."]


def test_a_vamp_that_fails_is_raised(client: VampbridgeClient, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="outside the allowed folders") as refused:
        client.vamp_file("/etc/loop.wav", tmp_path / "out.wav")
    assert (refused.value.code, refused.value.address) == ("path", "/vamp/file")


def test_a_vamp_that_takes_too_long_is_cancelled(engine: FakeEngine, client: VampbridgeClient, tmp_path: Path) -> None:
    engine.holds = True
    with pytest.raises(NoAnswerError, match=r"within 0\.2 s"):
        client.vamp_file(tmp_path / "loop.wav", tmp_path / "out.wav", timeout_s=0.2)
    client.ping()  # handled behind the cancellation
    assert all(pending.done() for pending, _ in engine.held)
    assert not (tmp_path / "out.wav").exists()


def test_a_mask_is_drawn(engine: FakeEngine, client: VampbridgeClient, tmp_path: Path) -> None:
    mask = np.array([[True, False, True], [False, True, True]])
    client.mask(mask)
    client.vamp_file(tmp_path / "loop.wav", tmp_path / "out.wav")
    np.testing.assert_array_equal(engine.requests[-1].drawn_mask, mask)
    client.mask(mask)
    client.clear_mask()
    client.vamp_file(tmp_path / "loop.wav", tmp_path / "out.wav")
    assert engine.requests[-1].drawn_mask is None


def test_a_sound_of_one_channel_needs_no_axis_and_a_turned_one_is_refused(client: VampbridgeClient) -> None:
    audio = np.linspace(-0.5, 0.5, 12_000, dtype=np.float32)
    (mono,) = client.vamp_audio(audio, 16_000)
    np.testing.assert_array_equal(mono.audio, audio[None, ::-1] * np.float32(0.5))
    with pytest.raises(AudioError, match=r"\(12000, 2\): pass audio\.T"):
        client.upload(np.stack([audio, audio], axis=1), 16_000)


def test_whole_numbers_are_no_sound_and_lists_of_floats_are(client: VampbridgeClient) -> None:
    audio = (np.linspace(-0.5, 0.5, 12_000) * 32_767).astype(np.int16)
    with pytest.raises(AudioError, match=r"float in \[-1, 1\], got int16: divide by 32768"):
        client.vamp_audio(audio, 16_000)
    (sound,) = client.vamp_audio((audio / 32_768).tolist(), 16_000)
    assert 0.2 < np.abs(sound.audio).max() <= 0.25


def test_a_sound_is_vamped_without_files(client: VampbridgeClient, tmp_path: Path) -> None:
    audio = np.linspace(-0.5, 0.5, 2 * 12_000, dtype=np.float32).reshape(2, -1)
    client.set(variations=2)
    first, second = client.vamp_audio(audio, 16_000)
    assert (first.sample_rate, first.audio.shape) == (16_000, audio.shape)
    np.testing.assert_array_equal(first.audio, audio[:, ::-1] * np.float32(0.5))
    np.testing.assert_array_equal(second.audio, audio[:, ::-1] * np.float32(0.25))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loop.wav"]
    with pytest.raises(ServerError, match="no-such-take"):
        client.download("no-such-take")


def test_takes_are_told_one_by_one_and_then_how_many(client: VampbridgeClient) -> None:
    client.vamp_audio(np.linspace(-0.5, 0.5, 12_000, dtype=np.float32), 16_000)
    client.send("/vamp/takes")
    take = next(event for event in client.events(WAIT_S) if isinstance(event, TakeTold))
    end = next(event for event in client.events(WAIT_S) if isinstance(event, TakesTold))
    assert (take.length_s, take.slot, end.count) == (0.75, 0, 1)


def test_live_verbs_are_refused_by_a_server_that_plays_nothing(client: VampbridgeClient) -> None:
    slot = client.slot(1)
    for action in (
        lambda: slot.press("record"),
        lambda: slot.set(wet=0.5),
        lambda: slot.set_vamp(temperature=1.0),
        lambda: slot.preset("wild"),
        lambda: slot.recall("L1"),
        lambda: slot.load("loop.wav"),
        lambda: slot.save("take.wav"),
        slot.state,
        lambda: client.slot().press("mute"),
        lambda: client.set_looper(dry=0.5),
        lambda: client.set_clock(tempo_bpm=120),
    ):
        with pytest.raises(ServerError, match="vampbridge live"):
            action()


def test_signs_of_life_are_given_while_it_waits(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synchronous_module, "HEARTBEAT_S", 0.05)
    with VampbridgeClient(*server.address, transport="tcp") as client:
        sent: list[str] = []
        original = client._transport.send
        monkeypatch.setattr(client._transport, "send", lambda packet: (sent.append(packet[:13]), original(packet)))
        assert list(client.events(0.3)) == []
        assert sent.count(b"/vamp/version") >= 2
        assert client.version().bundle == "fake"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_nobody_there_is_said_at_once(transport: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))  # bound, so that nobody else takes it; a datagram to it is never answered
        port = probe.getsockname()[1]
        with pytest.raises((DisconnectedError, NoAnswerError), match=f"port {port}"):
            VampbridgeClient("127.0.0.1", port, transport=transport, timeout_s=0.2)

        async def run() -> None:
            async with AsyncVampbridgeClient("127.0.0.1", port, transport=transport, timeout_s=0.2):
                pass

        with pytest.raises((DisconnectedError, NoAnswerError), match=f"port {port}"):
            asyncio.run(run(), debug=True)


def test_a_server_of_another_kind_is_said_at_once() -> None:
    def chat(listening: socket.socket) -> None:
        for _ in range(2):
            stream, _ = listening.accept()
            with stream:
                stream.sendall(b"\xc0\xdb\xc0")  # an escape of nothing: no SLIP
                while stream.recv(1024):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=chat, args=(listening,))
        thread.start()
        where = listening.getsockname()
        with pytest.raises(DisconnectedError, match="does not speak OSC"):
            VampbridgeClient(*where, transport="tcp", timeout_s=WAIT_S)

        async def run() -> None:
            async with AsyncVampbridgeClient(*where, transport="tcp", timeout_s=WAIT_S):
                pass

        with pytest.raises(DisconnectedError, match="does not speak OSC"):
            asyncio.run(run(), debug=True)
        thread.join()


def test_a_transport_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingError, match="udp, tcp, got 'carrier'"):
        VampbridgeClient(transport="carrier")
    with pytest.raises(SettingError, match="udp, tcp, got 'carrier'"):
        AsyncVampbridgeClient(transport="carrier")


def test_a_server_that_goes_is_told(engine: FakeEngine, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        with serving(engine, tmp_path) as server:
            client = stack.enter_context(VampbridgeClient(*server.address, transport="tcp"))
        with pytest.raises(DisconnectedError, match="closed the connection"):
            list(client.events(WAIT_S))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_client_for_asyncio_has_the_same_verbs(
    server: Server, engine: FakeEngine, tmp_path: Path, transport: str
) -> None:
    async def use(client: AsyncVampbridgeClient) -> None:
        await client.ping()
        assert (await client.version()).bundle == (await client.status()).bundle == (await client.hello()).bundle
        await asyncio.gather(client.set(temperature=1.25, variations=2), client.set(seed=3))
        assert await client.settings() == preset("balanced").changed(temperature=1.25, variations=2, seed=3)
        with pytest.raises(ServerError, match="from 0 to 5, got 50"):
            await client.set(temperature=50)
        jobs = [client.vamp_file(tmp_path / "loop.wav", tmp_path / f"out{number}.wav") for number in range(3)]
        takes = await asyncio.gather(*jobs)
        assert len({take.path for some in takes for take in some}) == len(takes) * 2
        audio = np.linspace(-0.5, 0.5, 12_000, dtype=np.float32)[None]
        sound, _ = await client.vamp_audio(audio, 16_000)
        np.testing.assert_array_equal(sound.audio, audio[:, ::-1] * np.float32(0.5))
        await client.mask(np.ones((1, 2), dtype=np.bool_))
        await client.clear_mask()
        with pytest.raises(ServerError, match="vampbridge live"):
            await client.slot(1).press("record")
        async for event in client.events():
            assert isinstance(event, Log)
            break

    with_async_client(server, transport, use)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_task_that_is_cancelled_cancels_its_vamp(
    server: Server, engine: FakeEngine, tmp_path: Path, transport: str
) -> None:
    engine.holds = True

    async def use(client: AsyncVampbridgeClient) -> None:
        task = asyncio.create_task(client.vamp_file(tmp_path / "loop.wav", tmp_path / "out.wav"))
        await asyncio.to_thread(engine.await_submit)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.ping()
        assert engine.held[0][0].done()

    with_async_client(server, transport, use)


def test_both_clients_have_the_same_verbs() -> None:
    def names(made: type) -> set[str]:
        return {name for name in dir(made) if not name.startswith("_")}

    assert names(VampbridgeClient) == names(AsyncVampbridgeClient) - {"run", "carry"}
