"""`vampbridge doctor`: will it work on stage? Measures, says what was found, and what to do about it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.settings import DEFAULT_PRESET, preset
from ..serve_options import SERVE_RANGES, ServeOptions
from .options import BundleOption, DeviceOption, JsonOption, PresetOption, ThreadsOption
from .render import print_json
from .sound_options import SoundOptions, number

if TYPE_CHECKING:
    from rich.status import Status
    from typing_extensions import Self

    from ..doctor.findings import Finding

EXIT_FAIL = 1
SERVE = ServeOptions()
CABLE = (
    "Measure the round trip through a cable from the first output of the card to one of its inputs, and say which "
    "latencies to set. Turn monitors down first: it makes noise."
)
NAME_WIDTH = 18


@dataclass(frozen=True)
class DoctorOptions(SoundOptions):
    """What the command is given."""

    loopback: Annotated[bool, typer.Option("--loopback", help=CABLE)] = False
    preset: PresetOption = DEFAULT_PRESET
    port: Annotated[int, SERVE_RANGES["port"], number(SERVE_RANGES["port"])] = SERVE.port
    reply_port: Annotated[int, SERVE_RANGES["reply_port"], number(SERVE_RANGES["reply_port"])] = SERVE.reply_port
    no_tcp: Annotated[bool, typer.Option("--no-tcp", help="It will listen on UDP only.")] = not SERVE.tcp
    oscquery_port: Annotated[int | None, SERVE_RANGES["oscquery_port"], number(SERVE_RANGES["oscquery_port"])] = (
        SERVE.oscquery_port
    )
    no_oscquery: Annotated[bool, typer.Option("--no-oscquery", help="It will serve no OSCQuery.")] = not SERVE.oscquery
    bundle: BundleOption = None
    threads: ThreadsOption = SERVE.threads
    device: DeviceOption = SERVE.device
    as_json: JsonOption = False


def check_everything(options: DoctorOptions) -> None:
    """Say what will work on stage and what will not: sound card, engine, loop lengths, disk, ports.

    Takes about half a minute. Exit status 1 if something will not work, 0 otherwise.
    """
    from ..doctor.examine import Wanted, examine
    from ..doctor.findings import FAIL, worst
    from ..sessions.folders import sessions_folder

    serve = ServeOptions(
        port=options.port,
        reply_port=options.reply_port,
        tcp=not options.no_tcp,
        oscquery=not options.no_oscquery,
        oscquery_port=options.oscquery_port,
        bundle=options.bundle,
        threads=options.threads,
        device=options.device,
    )
    wanted = Wanted(sessions_folder(), options.audio(), serve, preset(options.preset), options.loopback)
    findings: list[Finding] = []
    with _Teller() as teller, contextlib.closing(examine(wanted, teller.say)) as found:
        for finding in found:
            findings.append(finding)
            teller.be_quiet()
            if not options.as_json:
                print("\n".join(lines_of(finding)), flush=True)
    if options.as_json:
        print_json({"verdict": worst(findings), "findings": [finding.to_dict() for finding in findings]})
    else:
        print(f"\n{summary(findings)}")
    if worst(findings) == FAIL:
        raise typer.Exit(EXIT_FAIL)


def lines_of(finding: Finding) -> list[str]:
    """A finding for people: verdict, name and what was measured; below it what to do."""
    below = " " * 6
    lines = [f"{finding.verdict:<6}{finding.name:<{NAME_WIDTH}}{finding.measured}"]
    if finding.advice:
        lines.append(f"{below}→ {finding.advice}")
    return lines + [f"{below}  {line}" for line in finding.details]


def summary(findings: Sequence[Finding]) -> str:
    """The last line."""
    from ..doctor.findings import FAIL, WARN

    failed, warned = ([found.name for found in findings if found.verdict == word] for word in (FAIL, WARN))
    if failed:
        return f"will not work on stage: {', '.join(failed)}"
    return f"works; could be better: {', '.join(warned)}" if warned else "everything works"


class _Teller:
    """Says on stderr what is being measured, where somebody looks."""

    def __init__(self) -> None:
        self._status: Status | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.be_quiet()

    def say(self, text: str) -> None:
        """From now on this is being done."""
        if not sys.stderr.isatty():
            return
        from rich.console import Console

        self.be_quiet()
        self._status = Console(stderr=True).status(f"{text} …")
        self._status.start()

    def be_quiet(self) -> None:
        """Before anything is printed: rich would turn what goes to stdout into its own."""
        if self._status is not None:
            self._status.stop()
            self._status = None
