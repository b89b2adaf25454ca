"""Everything the doctor measures and looks up. Nothing is judged here; errors are those of the parts that are used."""

from __future__ import annotations

import importlib.metadata
import multiprocessing
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...engine.settings import VampSettings
from ...engine.take import VampRequest
from ..audio import portaudio
from ..audio.devices import StreamPlan, plan_stream
from ..audio.jitter import measure_callbacks
from ..audio.loopback import measure_round_trip
from ..audio.options import AudioOptions
from ..errors import PortError
from ..net.listener import Listener, listen_on
from ..osc_server import UdpPort
from .machine import RUNTIMES, Disk, Packages
from .models import Runtime

if TYPE_CHECKING:
    from ...engine.process import EngineClient

__all__ = ["measure_callbacks", "measure_round_trip"]

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux has it
SPAWN_TIMEOUT_S = 60.0
BUSY_LOOP_S, BUSY_RATE, N_BUSY = 4.0, 48_000, 8
_NAME = re.compile(r"^[A-Za-z0-9._-]+")


def packages() -> Packages:
    """Versions of Python, Vampbridge and all that it needs."""
    needs = tuple(text for text in importlib.metadata.requires("vampbridge") or () if "extra ==" not in text)
    names = {match.group() for text in needs if (match := _NAME.match(text))} | set(RUNTIMES)
    installed = {name: _version(name) for name in sorted(names)}
    return Packages(platform.python_version(), importlib.metadata.version("vampbridge"), needs, installed)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def onnx_runtime() -> Runtime:
    """ONNX Runtime as it is installed.

    Raises:
        ImportError: It cannot be loaded.
    """
    from ...engine.sessions import cuda_obstacle

    name = next((name for name in reversed(RUNTIMES) if _version(name)), RUNTIMES[0])
    return Runtime(f"{name} {_version(name)}", cuda_obstacle())


def portaudio_version() -> str:
    """See `portaudio.version`."""
    return portaudio.version()


def choose_devices(options: AudioOptions) -> tuple[StreamPlan, int]:
    """What would be opened, and at which rate.

    Raises:
        DeviceError: Nothing fits.
    """
    plan = plan_stream(portaudio.list_devices(), options)
    return plan, portaudio.supported_rate(plan)


def spawn() -> tuple[str | None, float]:
    """Start a process as the engine's is started; why it does not work (None if it does), and the seconds it took."""
    began_s = time.perf_counter()
    process = multiprocessing.get_context("spawn").Process(target=_do_nothing)
    try:
        process.start()
        process.join(SPAWN_TIMEOUT_S)
    except OSError as error:
        return str(error), time.perf_counter() - began_s
    status = process.exitcode
    if status is None:
        process.kill()
        process.join()
    process.close()
    problem = None if status == 0 else f"not ready after {SPAWN_TIMEOUT_S:g} s" if status is None else f"exit {status}"
    return problem, time.perf_counter() - began_s


def _do_nothing() -> None:
    """What the process of `spawn` does."""


def shared_memory_bytes() -> int | None:
    """Free bytes where processes share memory; None where that is not a disk of its own."""
    try:
        return shutil.disk_usage(SHARED_MEMORY).free
    except OSError:
        return None


def disk(folder: Path) -> Disk:
    """Where sessions go, or will go once it is there."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return Disk(str(folder), os.access(there, os.W_OK | os.X_OK), shutil.disk_usage(there).free)


def port_problem(host: str, port: int) -> str | None:
    """Why a UDP port cannot be opened; None if it can."""
    try:
        UdpPort(host, port).close()
    except PortError as error:
        return str(error)
    return None


def tcp_port_problem(host: str, port: int) -> str | None:
    """Why a port cannot be opened for OSC over TCP, opened as the server does; None if it can."""
    try:
        Listener(host, port, may_come=lambda _: False, needs_token=False).socket.close()
    except PortError as error:
        return str(error)
    return None


def query_port_problem(host: str, port: int) -> str | None:
    """Why a port cannot be opened for OSCQuery; None if it can."""
    try:
        listen_on(host, port).close()
    except PortError as error:
        return str(error)
    return None


@contextmanager
def vamping(engine: EngineClient, settings: VampSettings) -> Iterator[None]:
    """While open, the engine varies one loop of quiet noise after the other."""
    rng = np.random.default_rng(0)
    loop = rng.normal(0.0, 0.05, (2, round(BUSY_LOOP_S * BUSY_RATE))).astype(np.float32)
    request = VampRequest(loop, BUSY_RATE, settings)
    pending = [engine.submit(request, slot=f"doctor {number}") for number in range(N_BUSY)]
    try:
        yield
    finally:
        for vamp in pending:
            vamp.cancel()
