"""The messages of unloop work as its Max patch sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from serve_helpers import RATE, FakeEngine, UdpClient, client_of, serving, write_loop
from vampbridge.engine.files import read_audio
from vampbridge.engine.settings import RANGES, VampSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USUAL: dict[str, Any] = {  # in the order in which they are sent
    "query_id": "q1",
    "client_type": "vampnet",
    "path": "",
    "model": "default",
    "periodic": 13,
    "dropout": 0.25,
    "seed": 77,
    "looplength_ms": 0,
    "typical_on": 1,
    "typical_mass": 0.25,
    "typical_min_tokens": 32,
    "codebooks_kept": 5,
    "onset_width": 2,
    "steps": 24,
    "temperature": 0.75,
    "top_p": 0.5,
    "beat_mask_ms": 0,
    "feedback_steps": 2,
}


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def patch(engine: FakeEngine, tmp_path: Path) -> Iterator[UdpClient]:
    with serving(engine, tmp_path) as server, client_of(server) as client:
        yield client


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    write_loop(tmp_path / "loop.wav")
    return tmp_path.resolve() / "loop.wav"


def process(client: UdpClient, loop: Path, **changes: Any) -> None:
    values = {**USUAL, "path": str(loop), **changes}
    client.send("/process", *values.values())


def done(client: UdpClient) -> tuple[list[Any], list[str]]:
    """Arguments of `/process-result`, and the texts of `/log` before it."""
    texts: list[str] = []
    while True:
        address, arguments = client.receive_any()
        if address == "/process-result":
            return arguments, texts
        assert address in ("/log", "/progress"), (address, arguments)
        if address == "/log":
            texts += arguments


def test_all_eighteen_arguments_reach_the_engine(engine: FakeEngine, patch: UdpClient, loop: Path) -> None:
    process(patch, loop)
    done(patch)
    (request,) = engine.requests
    assert request.settings == VampSettings(
        period=13,
        dropout=0.25,
        seed=77,
        typical=True,
        typical_mass=0.25,
        typical_min_tokens=32,
        codebooks_kept=5,
        onset_width=4,  # VampNet keeps its width before and after an onset
        coarse_passes=24,
        temperature=0.75,
        top_p=0.5,
        feedback=2,
        variations=2,
    )
    assert request.sample_rate == RATE
    assert request.drawn_mask is None


def test_max_may_send_every_number_as_a_float(engine: FakeEngine, patch: UdpClient, loop: Path) -> None:
    floats = {name: float(value) for name, value in USUAL.items() if isinstance(value, int)}
    process(patch, loop)
    process(patch, loop, **floats)
    done(patch)
    done(patch)
    assert engine.requests[0].settings == engine.requests[1].settings


def test_the_result_is_two_variations_beside_the_loop(patch: UdpClient, loop: Path) -> None:
    before = loop.read_bytes()
    process(patch, loop)
    (query_id, first, second), texts = done(patch)
    assert query_id == "q1"
    assert first != second
    for result, gain in ((first, 0.5), (second, 0.25)):
        assert result.startswith(str(loop.parent))
        got = read_audio(result)
        np.testing.assert_allclose(got.audio, read_audio(loop).audio[:, ::-1] * gain, atol=2e-7)  # one step of 24 bits
    assert loop.read_bytes() == before
    assert any("This take is fake." in text for text in texts)


def test_a_query_id_comes_back_as_it_was_sent(patch: UdpClient, loop: Path) -> None:
    process(patch, loop, query_id=7)
    assert done(patch)[0][0] == 7


@pytest.mark.parametrize(("loop_ms", "n_samples"), [(0, 4000), (100, 1600), (100.5, 1608), (250, 4000), (2000, 4000)])
def test_only_the_loop_is_vamped_and_nothing_appended(
    engine: FakeEngine, patch: UdpClient, loop: Path, loop_ms: float, n_samples: int
) -> None:
    process(patch, loop, looplength_ms=loop_ms)
    (_, first, _), texts = done(patch)
    np.testing.assert_array_equal(engine.requests[0].audio, read_audio(loop).audio[:, :n_samples])
    assert read_audio(first).audio.shape == (1, n_samples)
    assert any("shorter than the loop" in text for text in texts) == (loop_ms > 250)


@pytest.mark.parametrize("seed", [0, -1])
def test_no_seed_draws_one_and_tells_it(engine: FakeEngine, patch: UdpClient, loop: Path, seed: int) -> None:
    process(patch, loop, seed=seed)
    _, texts = done(patch)
    drawn = engine.requests[0].settings.seed
    assert drawn is not None
    assert 1 <= drawn < 2**31
    assert any(f"drew seed {drawn}" in text for text in texts)


def test_the_widest_onset_is_the_settings_own_widest(engine: FakeEngine, patch: UdpClient, loop: Path) -> None:
    process(patch, loop, onset_width=32)
    done(patch)
    assert engine.requests[0].settings.onset_width == RANGES["onset_width"].high


def test_what_comes_after_every_beat_is_kept(engine: FakeEngine, patch: UdpClient, loop: Path) -> None:
    process(patch, loop, beat_mask_ms=80)
    process(patch, loop, beat_mask_ms=0)
    done(patch)
    done(patch)
    kept, plain = (request.settings for request in engine.requests)
    assert (kept.beat_before_ms, kept.beat_after_ms, kept.tempo_bpm) == (0.0, 80.0, 0.0)
    assert not plain.follows_beats


def test_top_p_nought_is_off(engine: FakeEngine, patch: UdpClient, loop: Path) -> None:
    process(patch, loop, top_p=0)
    done(patch)
    assert engine.requests[0].settings.top_p == 1.0


def test_a_model_that_is_not_loaded_is_told_once(patch: UdpClient, loop: Path) -> None:
    texts = []
    for query in range(3):
        process(patch, loop, query_id=query, model="spotdl")
        texts += done(patch)[1]
    texts += [arguments[0] for address, arguments in patch.received_before_pong() if address == "/log"]
    assert sum("'spotdl' is not loaded: 'fake' is used" in text for text in texts) == 1


@pytest.mark.parametrize("model", ["default", "vampnet", "fake", ""])
def test_names_of_the_loaded_bundle_need_no_note(patch: UdpClient, loop: Path, model: str) -> None:
    process(patch, loop, model=model)
    assert not any("not loaded" in text for text in done(patch)[1])


def test_progress_is_repeated_while_a_vamp_runs(engine: FakeEngine, patch: UdpClient, loop: Path) -> None:
    engine.holds = True
    process(patch, loop)
    states = [patch.receive("/progress") for _ in range(4)]
    assert states[0] == ["q1", "Status.IN_QUEUE"]
    assert states[-1] == ["q1", "Status.PROCESSING"]
    engine.release()
    done(patch)
    assert not any(address == "/progress" for address, _ in patch.received_before_pong())


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("client_type", "sketch2sound", "client_type must be one of vampnet, got 'sketch2sound'"),
        ("periodic", 129, "periodic must be a whole number from 0 to 128 frames, got 129"),
        ("periodic", -1, "periodic must be"),
        ("dropout", 1.5, "dropout must be a share from 0 to 1, got 1.5"),
        ("looplength_ms", -1, "looplength_ms must be a number from 0 to 600000 ms, got -1"),
        ("typical_on", 2, "typical_on must be true or false, got 2"),
        ("typical_mass", 0, "typical_mass must be"),
        ("typical_min_tokens", 0, "typical_min_tokens must be"),
        ("codebooks_kept", 0, "codebooks_kept must be a whole number from 1 to 14 codebooks, got 0"),
        ("codebooks_kept", 15, "got 15"),
        ("onset_width", 33, "onset_width must be a whole number from 0 to 32 frames, got 33"),
        ("steps", 0, "steps must be a whole number from 1 to 64 passes, got 0"),
        ("temperature", float("nan"), "temperature must be a number from 0 to 5, got nan"),
        ("top_p", 1.01, "top_p must be a share from 0 to 1, got 1.01"),
        ("query_id", float("nan"), "an id must be text or a number that equals itself, got nan"),
        ("beat_mask_ms", 401, "beat_mask_ms must be a number from 0 to 400 ms, got 401"),
        ("feedback_steps", 65, "feedback_steps must be"),
        ("seed", 0.5, "seed must be a whole number"),
        ("path", 3, "path must be string, got int 3"),
        ("path", "/etc/passwd", "outside the allowed folders"),
        ("path", "", "must not be empty"),
    ],
)
def test_what_is_out_of_range_is_an_error_with_range_and_value(
    engine: FakeEngine, patch: UdpClient, loop: Path, name: str, value: object, says: str
) -> None:
    process(patch, loop, **{name: value})
    ((address, (text,)),) = patch.received_before_pong()
    assert address == "/error"
    assert says in text
    assert engine.requests == []


def test_too_few_arguments_are_an_error(patch: UdpClient) -> None:
    ((address, (text,)),) = patch.ask("/process", "q1", "vampnet")
    assert address == "/error"
    assert "/process takes 18 arguments, got 2: query_id client_type path model" in text


def test_a_file_that_is_no_audio_is_an_error_of_its_query(patch: UdpClient, tmp_path: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(b"not audio at all")
    process(patch, tmp_path / "noise.wav")
    while (message := patch.receive_any())[0] == "/progress":
        pass
    assert message[0] == "/error"
    assert message[1][0].startswith("query q1: ")


def test_heartbeat_is_answered_whatever_comes_with_it(patch: UdpClient) -> None:
    assert patch.ask("/heartbeat") == [("/heartbeat", ["pong"])]
    assert patch.ask("/heartbeat", 1, "x") == [("/heartbeat", ["pong"])]


def test_another_servers_pong_is_never_answered(patch: UdpClient) -> None:
    assert patch.ask("/heartbeat", "pong") == []


def test_cleanup_deletes_results_and_nothing_else(patch: UdpClient, loop: Path) -> None:
    process(patch, loop)
    (_, first, second), _ = done(patch)
    assert patch.ask("/cleanup", first) == []
    assert not (loop.parent / first).exists()
    for kept in (str(loop), first, "/etc/passwd"):
        ((address, _),) = patch.ask("/cleanup", kept)
        assert address == "/error"
    assert loop.exists()
    assert (loop.parent / second).exists()


def test_a_result_never_replaces_a_file_of_others(patch: UdpClient, loop: Path) -> None:
    theirs = loop.with_name(f"loop-{77:012x}-1.wav")  # the name that the fake's take would have
    theirs.write_bytes(b"theirs")
    process(patch, loop)
    (_, first, _), _ = done(patch)
    assert first == str(theirs.with_stem(f"{theirs.stem}-2"))
    assert theirs.read_bytes() == b"theirs"


def test_errors_of_unknown_addresses_reach_an_unloop_patch_as_error(patch: UdpClient) -> None:
    patch.send("/heartbeat")
    assert patch.receive_any() == ("/heartbeat", ["pong"])
    patch.send("/proces", 1)
    address, (text,) = patch.receive_any()
    assert address == "/error"
    assert "nearest is /process" in text
    patch.send_bytes(b"junk")
    address, (text,) = patch.receive_any()
    assert address == "/error"
    assert "OSC packet" in text
