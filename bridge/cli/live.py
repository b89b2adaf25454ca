"""`vampbridge live`: the looper on a sound card, played over OSC and from the keyboard."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...engine.settings import DEFAULT_PRESET, preset
from ..clock.controls import CLOCK_RANGES, SOURCES, ClockControls
from ..looper.config import CONFIG_RANGES, LooperConfig
from ..looper.controls import LOOPER_RANGES, LooperControls
from ..looper.messages import SetLooper
from .network_options import NetworkOptions
from .options import PresetOption
from .serve import announce_token, open_query, print_ready, stopped_by_signals
from .sound_options import SoundOptions, number

if TYPE_CHECKING:
    from ...engine.process import EngineClient, EngineInfo
    from ..audio.client import AudioClient
    from ..audio.options import AudioOptions
    from ..live.events import StageEvent
    from ..live.stage import Stage
    from ..serve_options import ServeOptions
    from ..server import Server
    from ..sessions.troubles import Trouble
    from ..sessions.writer import SessionWriter

AUDIO, DIALS, CLOCK = LooperConfig(), LooperControls(), ClockControls()
LATENCIES = ("input_latency_ms", "output_latency_ms")


@dataclass(frozen=True)
class LooperOptions(SoundOptions):
    """The sound card, the looper, the beat and the session."""

    slots: Annotated[int, CONFIG_RANGES["n_slots"], number(CONFIG_RANGES["n_slots"])] = AUDIO.n_slots
    max_loop_s: Annotated[float, CONFIG_RANGES["max_loop_s"], number(CONFIG_RANGES["max_loop_s"])] = AUDIO.max_loop_s
    memory_mb: Annotated[int, CONFIG_RANGES["memory_mb"], number(CONFIG_RANGES["memory_mb"])] = AUDIO.memory_mb
    input_latency_ms: Annotated[float, LOOPER_RANGES["input_latency_ms"], number(LOOPER_RANGES["input_latency_ms"])] = (
        DIALS.input_latency_ms
    )
    output_latency_ms: Annotated[
        float, LOOPER_RANGES["output_latency_ms"], number(LOOPER_RANGES["output_latency_ms"])
    ] = DIALS.output_latency_ms
    clock: Annotated[
        str, CLOCK_RANGES["source"], typer.Option(metavar="|".join(SOURCES), help=CLOCK_RANGES["source"].help)
    ] = CLOCK.source
    tempo_bpm: Annotated[float | None, CLOCK_RANGES["tempo_bpm"], number(CLOCK_RANGES["tempo_bpm"])] = None
    midi_port: Annotated[
        str, typer.Option(metavar="NAME", help="Part of the name of the MIDI input. [default: the only one there is]")
    ] = ""
    preset: PresetOption = DEFAULT_PRESET
    session: Annotated[
        str | None,
        typer.Option(
            metavar="SESSION",
            help="Keep the set in this session: its name in `vampbridge session list`, `latest`, or a folder, new or "
            "old. [default: a new one]",
        ),
    ] = None
    no_session: Annotated[bool, typer.Option("--no-session", help="Keep nothing: takes cannot be recalled.")] = False

    def looper(self) -> LooperConfig:
        """Its sizes; rate and channels are the device's."""
        return LooperConfig(n_slots=self.slots, max_loop_s=self.max_loop_s, memory_mb=self.memory_mb)


@dataclass(frozen=True)
class LiveOptions(NetworkOptions, LooperOptions):
    """What `vampbridge live` is given."""

    no_keys: Annotated[bool, typer.Option("--no-keys", help="No keyboard, no display: OSC only.")] = False


def play_live(options: LiveOptions) -> None:
    """Loop what you play, and vary it: one key records, one vamps. Over OSC too, see docs/protocol.md."""
    from ..clock.clock import Clock
    from ..clock.sources import ClockSources
    from ..live.stage import Stage
    from ..live.vamping import StageParts
    from ..server import Server

    serve, audio_options, config = options.serve(), options.audio(), options.looper()
    folder = None if options.no_session else _session_folder(options)
    engine, audio = _make_engine(serve), _make_audio(audio_options, config)
    clock = ClockSources(Clock(), options.midi_port)
    parts = StageParts(audio, engine, n_slots=config.n_slots, clock=clock)
    stage = Stage(parts, preset(options.preset))
    with ExitStack() as stack:
        server = Server(serve, engine, stage=stage)
        stack.callback(server.close)
        announce_token(server, serve)
        with stopped_by_signals(server), contextlib.suppress(KeyboardInterrupt):
            # The sound first: it is there in a moment, the models take seconds.
            stack.callback(audio.close)
            audio.start()
            _tell_fate(options, stage)
            stack.callback(clock.close)
            _set_clock(options, stage)
            # After all that may be missing: a set that cannot begin leaves no empty session behind.
            parts.recorder = None if folder is None else _open_session(folder, options, stage, stack)
            stage.start()
            stack.callback(stage.close)
            _set_latencies(options, stage)
            _play(options, server, stage, engine, stack)


def _tell_fate(options: LiveOptions, stage: Stage) -> None:
    """Without a display, say on stderr when the sound goes, and when it comes back."""
    from ..live.fate import fate_of_sound

    def tell(event: StageEvent) -> None:
        text = fate_of_sound(event)
        if text is not None:
            typer.echo(text, err=True)

    if not _has_display(options):
        stage.on_event(tell)


def _set_latencies(options: LiveOptions, stage: Stage) -> None:
    """As over OSC, so that the session knows, too."""
    for name in LATENCIES:
        value = getattr(options, name)
        if value != getattr(stage.looper_controls, name):
            stage.send(SetLooper(name, value))
            stage.looper_controls = stage.looper_controls.changed(**{name: value})


def _set_clock(options: LiveOptions, stage: Stage) -> None:
    """The beat, if one was asked for; else the first loop brings it."""
    if options.clock != CLOCK.source:
        stage.time.set(source=options.clock)
    if options.tempo_bpm is not None:
        stage.time.set(tempo_bpm=options.tempo_bpm)


def _play(options: LiveOptions, server: Server, stage: Stage, engine: EngineClient, stack: ExitStack) -> None:
    """Answer keys and messages, while the engine is still being loaded, too.

    Raises:
        VampbridgeError: It cannot be loaded. That ends the set, in its first seconds: a looper that will never vary is
            better found out before the first note than at the first variation.
    """
    from ..live.events import Note
    from ..live.loading import EngineLoading

    query_port = open_query(server, options.serve(), engine, stack, stage=stage)

    def tell_ready() -> None:
        ready = {**_ready(options, server, stage, engine.info), "oscquery_port": query_port}
        print_ready(ready, as_json=options.as_json)
        stage.tell(Note(-1, f"engine: ready, {engine.info.bundle} on {engine.info.device}"))

    loading = EngineLoading(engine, on_ready=tell_ready, on_failed=server.stop)
    stack.callback(loading.close)
    loading.start()
    if not options.as_json and not _has_display(options):
        typer.echo("loading the models …", err=True)
    with _keyboard(options, server, stage):
        server.run()
    if loading.error is not None:
        raise loading.error


def _ready(options: LiveOptions, server: Server, stage: Stage, engine: EngineInfo) -> dict[str, Any]:
    """What the line says that is printed when variations can be made, too."""
    info = stage.audio.info
    return {
        "host": server.address[0],
        "port": server.address[1],
        "tcp_port": server.tcp_port,
        "reply_port": options.reply_port,
        "bundle": engine.bundle,
        "device": engine.device,
        "folders": [str(folder) for folder in server.folders],
        "sound": {"in": info.device_in, "out": info.device_out, "rate": info.sample_rate, "block": info.block_frames},
    }


def _has_display(options: LiveOptions) -> bool:
    from .terminal import has_terminal

    return has_terminal() and not options.no_keys and not options.as_json


@contextlib.contextmanager
def _keyboard(options: LiveOptions, server: Server, stage: Stage) -> Iterator[None]:
    """While open, keys play and the display shows; without a terminal neither does."""
    from .terminal import play_by_keys

    if not _has_display(options):
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=play_by_keys, args=(stage, server.stop, over), name="vampbridge-keys")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _make_engine(options: ServeOptions) -> EngineClient:
    from ...engine.process import EngineClient, EngineOptions

    return EngineClient(
        EngineOptions(
            bundle_path=options.bundle,
            threads=options.threads,
            device=options.device,
            max_waiting=options.max_unfinished,
        )
    )


def _make_audio(options: AudioOptions, config: LooperConfig) -> AudioClient:
    from ..audio.client import AudioClient

    return AudioClient(options, config)


def _session_folder(options: LiveOptions) -> Path:
    """Where the set is kept; made only when it begins."""
    from ..sessions.folders import new_session_folder, session_to_keep, sessions_folder

    root = sessions_folder()
    return new_session_folder(root) if options.session is None else session_to_keep(options.session, root)


def _open_session(folder: Path, options: LiveOptions, stage: Stage, stack: ExitStack) -> SessionWriter:
    """The session that keeps this set, new or gone on with."""
    from ..audio.reports import LooperLost
    from ..live.events import Note
    from ..sessions.records import RunInfo
    from ..sessions.recover import is_session
    from ..sessions.store import create_session, open_session
    from ..sessions.writer import SessionWriter

    info = stage.audio.info
    looper = replace(
        options.looper(), sample_rate=info.sample_rate, n_inputs=len(info.channels_in), n_outputs=len(info.channels_out)
    )
    run = RunInfo(looper, info.device_out)
    session = open_session(folder, run) if is_session(folder) else create_session(folder, run)

    def tell(trouble: Trouble) -> None:
        stage.tell(Note(-1, trouble.text))
        if not _has_display(options):
            typer.echo(f"session: {trouble.text}", err=True)

    writer = SessionWriter(session, on_trouble=tell)
    stack.callback(_say_kept, options, writer)
    stack.callback(writer.close)

    def begin_anew(event: StageEvent) -> None:
        if isinstance(event, LooperLost):  # a new looper counts its frames and layers from the start
            writer.begin_run(run)

    stage.on_event(begin_anew)
    return writer


def _say_kept(options: LiveOptions, writer: SessionWriter) -> None:
    """When all is over, where the set is to be found; nothing if nothing was played."""
    from ..sessions.folders import LATEST, sessions_folder

    folder = writer.session.folder
    if not writer.session.contents.records:
        return
    is_listed = folder.parent == sessions_folder()
    name = LATEST if options.session is None else folder.name if is_listed else f'"{folder}"'
    typer.echo(f"kept in {folder}; see it with: vampbridge session show {name}", err=True)
