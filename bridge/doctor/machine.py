"""Verdicts on the computer: packages, processes, shared memory, disk, ports. Pure: what was measured comes in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..looper.config import LooperConfig
from ..serve_options import ServeOptions
from ..sessions.disk import FULL, DiskGuard
from ..sessions.disk import OK as ROOM
from .findings import FAIL, OK, WARN, Finding

SAMPLE_BYTES = 4
N_CHANNELS = 2
LONGEST_LOOP_S = LooperConfig().max_loop_s
ENOUGH_LOOP_S = 8.0
"""Four bars at 120 bpm: who cannot vamp these needs advice before the first song."""
COPIES = 3
"""Of a loop in shared memory at the same time: on its way to the engine, back as a take, and on to the looper."""
MAX_PORT = 65_535
RUNTIMES = ("onnxruntime", "onnxruntime-gpu")
_AT_LEAST = re.compile(r"^([A-Za-z0-9._-]+)\s*>=\s*([0-9.]+)$")


@dataclass(frozen=True)
class Packages:
    """What is installed.

    Attributes:
        python: Version.
        own: Vampbridge's version.
        needs: Its requirements, as its metadata has them.
        installed: Name → version, None if it is not there; of everything in `needs`, and of RUNTIMES.
    """

    python: str
    own: str
    needs: tuple[str, ...]
    installed: Mapping[str, str | None]


@dataclass(frozen=True)
class Disk:
    """Where sessions go: the folder, whether it can be written, and free bytes on its disk."""

    folder: str
    is_writable: bool
    n_free: int


def judge_packages(packages: Packages) -> Finding:
    """Python and what Vampbridge is built on."""
    problems = _package_problems(packages)
    runtimes = [name for name in RUNTIMES if packages.installed.get(name)]
    facts = {"python": packages.python, "vampbridge": packages.own, "packages": dict(packages.installed)}
    shown = ("numpy", *runtimes, "sounddevice", "python-osc")
    versions = [f"{name} {packages.installed[name]}" for name in shown if packages.installed.get(name)]
    measured = ", ".join([f"Python {packages.python}", f"vampbridge {packages.own}", *versions])
    if not problems:
        return Finding("packages", OK, measured, facts=facts)
    advice = "install Vampbridge anew in an empty virtual environment (python3 -m venv)"
    return Finding("packages", FAIL, f"{measured}; {'; '.join(problems)}", advice, facts=facts)


def _package_problems(packages: Packages) -> list[str]:
    problems = []
    for requirement in packages.needs:
        match = _AT_LEAST.match(requirement)
        if match is None:  # with a condition, such as the two builds of ONNX Runtime
            continue
        name, least = match.groups()
        version = packages.installed.get(name)
        if version is None:
            problems.append(f"{name} is missing")
        elif _numbers(version) < _numbers(least):
            problems.append(f"{name} {version} is too old, {least} is needed")
    runtimes = [name for name in RUNTIMES if packages.installed.get(name)]
    if not runtimes:
        problems.append("ONNX Runtime is missing")
    elif len(runtimes) > 1:  # the same import name: one has overwritten parts of the other
        problems.append(f"{' and '.join(runtimes)} are both installed and break each other")
    return problems


def _numbers(version: str) -> tuple[int, ...]:
    """1.10.2rc1 → (1, 10, 2)."""
    parts = [re.match(r"\d+", part) for part in version.split(".")]
    return tuple(int(part.group()) for part in parts if part is not None)


def judge_spawn(problem: str | None, seconds: float) -> Finding:
    """Whether the engine and the sound can have processes of their own."""
    facts = {"seconds": round(seconds, 3)}
    if problem is None:
        return Finding("processes", OK, f"a second process starts in {seconds:.1f} s", facts=facts)
    advice = "a security program or a limit on processes may forbid it: allow this Python to start itself"
    return Finding("processes", FAIL, f"no second process starts: {problem}", advice, facts=facts)


def judge_shared_memory(n_free: int | None, sample_rate: int) -> Finding:
    """Whether loops fit where they cross between processes; None where the system has no limit of its own.

    Args:
        n_free: Bytes.
        sample_rate: Of the sound card, Hz.
    """
    if n_free is None:
        return Finding("shared memory", OK, "no limit but the memory itself")
    longest_s = n_free / (COPIES * N_CHANNELS * SAMPLE_BYTES * sample_rate)
    measured = f"{_megabytes(n_free)} free in /dev/shm: stereo loops of up to {min(longest_s, LONGEST_LOOP_S):.0f} s"
    facts = {"free_bytes": n_free, "longest_loop_s": round(longest_s, 1)}
    if longest_s >= LONGEST_LOOP_S:
        return Finding("shared memory", OK, measured, facts=facts)
    advice = "make it larger: mount -o remount,size=1G /dev/shm, or start the container with --shm-size=1g"
    return Finding("shared memory", WARN if longest_s >= ENOUGH_LOOP_S else FAIL, measured, advice, facts=facts)


def judge_disk(disk: Disk, sample_rate: int) -> Finding:
    """Whether sessions can be kept, and for how long.

    Args:
        disk: Where.
        sample_rate: Of the sound card, Hz.
    """
    guard = DiskGuard()
    n_usable = max(0, disk.n_free - guard.limits.stop_mb * 1_000_000)
    minutes = n_usable / (sample_rate * N_CHANNELS * SAMPLE_BYTES * 60)
    measured = f"{_megabytes(disk.n_free)} free for {disk.folder}: {minutes:.0f} min of stereo loops and takes"
    facts = {"folder": disk.folder, "free_bytes": disk.n_free, "minutes": round(minutes, 1)}
    elsewhere = "VAMPBRIDGE_DATA=FOLDER or --session DIR keeps them elsewhere, --no-session nowhere"
    if not disk.is_writable:
        return Finding("sessions", FAIL, f"{disk.folder} cannot be written", elsewhere, facts=facts)
    level = guard.judge(disk.n_free)
    if level == ROOM:
        return Finding("sessions", OK, measured, facts=facts)
    return Finding("sessions", FAIL if level == FULL else WARN, measured, f"make room; {elsewhere}", facts=facts)


def judge_ports(options: ServeOptions, problems: Sequence[str | None]) -> Finding:
    """Whether OSC can be heard and answered.

    Args:
        options: Address and ports.
        problems: Why the port to listen on, and the port of replies, cannot be opened here; None if they can.
    """
    listening, replying = problems
    facts = {"port": options.port, "reply_port": options.reply_port}
    heard = "free" if replying is None else "in use, as it should be if the program you control it with is running"
    measured = f"UDP {options.port} is {'free' if listening is None else 'in use'}, {options.reply_port} is {heard}"
    if listening is None:
        return Finding("OSC ports", OK, measured, facts=facts)
    advice = f"{listening}; with --port NUMBER, tell your patch the number too"
    return Finding("OSC ports", FAIL, measured, advice, facts=facts)


def judge_tcp_port(options: ServeOptions, problem: str | None) -> Finding:
    """Whether OSC can be heard over TCP, which uploads and controllers in a browser need.

    Args:
        options: Address and ports; TCP is wanted.
        problem: Why the port cannot be opened here, and how to do without; None if it can.
    """
    facts = {"port": options.port}
    if problem is None:
        return Finding("TCP port", OK, f"TCP {options.port} is free", facts=facts)
    advice = f"{problem}; --port NUMBER moves UDP and TCP together"
    return Finding("TCP port", FAIL, f"TCP {options.port} cannot be opened", advice, facts=facts)


def judge_query_port(options: ServeOptions, problem: str | None) -> Finding:
    """Whether touch apps can ask what there is, at the place where they look first.

    Args:
        options: Ports; OSCQuery is wanted.
        problem: Why its port cannot be opened here; None if it can.
    """
    name, port = "OSCQuery port", query_port(options)
    facts = {"port": port}
    if port and port == options.port and options.tcp:
        advice = "--oscquery-port must be another number than --port, or leave OSC over TCP out with --no-tcp"
        return Finding(name, FAIL, f"TCP {port} is also that of OSC", advice, facts=facts)
    if problem is None:
        return Finding(name, OK, f"TCP {port} is free", facts=facts)
    if options.oscquery_port is not None:
        advice = f"{problem}; leave --oscquery-port out and it takes a free one, --no-oscquery does without"
        return Finding(name, FAIL, f"TCP {port} cannot be opened", advice, facts=facts)
    advice = f"{problem} with --oscquery-port NUMBER; apps that find Vampbridge by themselves need nothing"
    return Finding(name, WARN, f"TCP {port} cannot be opened: a free one is taken", advice, facts=facts)


def query_port(options: ServeOptions) -> int:
    """The TCP port that OSCQuery tries first; 0 is any."""
    if options.oscquery_port is not None:
        return options.oscquery_port
    return options.port + 1 if 0 < options.port < MAX_PORT else 0


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"
