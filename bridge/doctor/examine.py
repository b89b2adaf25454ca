"""The checks one after the other: measures, and hands what was found to whoever shows it. Prints nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ...engine.errors import VampbridgeError
from ...engine.settings import VampSettings
from ..audio.options import AudioOptions
from ..serve_options import ServeOptions
from . import machine, measure, models, sound
from .findings import FAIL, Finding

if TYPE_CHECKING:
    from ...engine.process import EngineClient

SECONDS = 3.0  # of listening to the device's callbacks
ASSUMED_RATE = 48_000  # where there is no sound card
IDLE, BUSY = "dropouts, idle", "dropouts, vamping"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What to look at.

    Attributes:
        folder: Where sessions are kept.
        audio: The sound card.
        serve: Ports, and the engine.
        settings: Of the vamps.
        loopback: Whether a cable leads from the first output to an input.
    """

    folder: Path
    audio: AudioOptions = field(default_factory=AudioOptions)
    serve: ServeOptions = field(default_factory=ServeOptions)
    settings: VampSettings = field(default_factory=VampSettings)
    loopback: bool = False


def examine(wanted: Wanted, say: Say) -> Generator[Finding, None, None]:
    """Look at everything, the quick things first. One thing that does not work keeps no other from being looked at.

    Args:
        wanted: What.
        say: Told what is measured now, where that takes long.
    """
    yield machine.judge_packages(measure.packages())
    say("starting a second process")
    yield machine.judge_spawn(*measure.spawn())
    yield from ports(wanted.serve)
    say("looking for sound cards")
    found, sample_rate = _look_for_devices(wanted.audio)
    yield from found
    rate = sample_rate or ASSUMED_RATE
    yield machine.judge_disk(measure.disk(wanted.folder), rate)
    yield machine.judge_shared_memory(measure.shared_memory_bytes(), rate)
    has_sound = sample_rate > 0
    if has_sound:
        say(f"listening to the sound card for {SECONDS:g} s")
        yield from _listen(wanted.audio, IDLE)
    if has_sound and wanted.loopback:
        say("measuring the round trip: noise comes out of the first output now")
        yield _round_trip(wanted.audio)
    elif wanted.loopback:
        yield sound.no_round_trip("it needs a sound card")
    yield from _engine(wanted, say, has_sound=has_sound)


def ports(serve: ServeOptions) -> Iterator[Finding]:
    """Every port that a server would open: each is opened here and closed again."""
    problems = [measure.port_problem(serve.host, port) for port in (serve.port, serve.reply_port)]
    yield machine.judge_ports(serve, problems)
    if serve.tcp:
        yield machine.judge_tcp_port(serve, measure.tcp_port_problem(serve.host, serve.port))
    if serve.oscquery:
        yield machine.judge_query_port(serve, measure.query_port_problem(serve.host, machine.query_port(serve)))


def _look_for_devices(options: AudioOptions) -> tuple[list[Finding], int]:
    """Findings, and the rate in Hz; 0 if there is no sound card."""
    try:
        findings = [sound.judge_portaudio(measure.portaudio_version())]
    except VampbridgeError as error:
        return [sound.judge_portaudio(None, str(error))], 0
    try:
        plan, sample_rate = measure.choose_devices(options)
    except VampbridgeError as error:
        return [*findings, sound.no_device(str(error))], 0
    return [*findings, sound.judge_devices(plan, sample_rate)], sample_rate


def _listen(options: AudioOptions, name: str) -> Iterator[Finding]:
    try:
        timing = measure.measure_callbacks(options, SECONDS)
    except VampbridgeError as error:
        yield Finding("callbacks" if name == IDLE else name, FAIL, "the device cannot be opened", str(error))
        return
    if name == IDLE:
        yield sound.judge_period(timing)
    yield sound.judge_dropouts(name, timing)


def _round_trip(options: AudioOptions) -> Finding:
    try:
        return sound.judge_round_trip(measure.measure_round_trip(options))
    except VampbridgeError as error:
        return sound.no_round_trip(str(error))


def _engine(wanted: Wanted, say: Say, *, has_sound: bool) -> Iterator[Finding]:
    say("loading the models, and measuring what a variation costs")
    try:
        runtime = measure.onnx_runtime()
    except ImportError as error:
        yield models.no_engine(f"ONNX Runtime cannot be loaded ({error}): pip install --force-reinstall onnxruntime")
        return
    began_s = time.perf_counter()
    engine = _make_engine(wanted.serve)
    try:
        engine.start()
        yield models.judge_engine(engine.info.bundle, time.perf_counter() - began_s)
        yield models.judge_runtime(runtime, wanted.serve.device, engine.info.device)
        yield models.judge_costs(engine.info.costs, wanted.settings)
        if has_sound:
            say(f"listening to the sound card for {SECONDS:g} s while loops are varied")
            with measure.vamping(engine, wanted.settings):
                yield from _listen(wanted.audio, BUSY)
    except VampbridgeError as error:
        yield models.no_engine(str(error))
    finally:
        engine.close()


def _make_engine(options: ServeOptions) -> EngineClient:
    from ...engine.process import EngineClient, EngineOptions

    return EngineClient(EngineOptions(bundle_path=options.bundle, threads=options.threads, device=options.device))
