"""Opens a bundle's graphs where they are wanted, and finds out where they really run. No arrays of music here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from .bundle import GRAPHS, Bundle
from .devices import CPU, CUDA, DeviceInUse, check_device, cuda_error
from .errors import BundleError
from .graph_facts import control_flow
from .sessions import Session, cuda_obstacle, device_of, load_cuda_libraries, open_session

log = logging.getLogger(__name__)

TOKEN_GRAPHS = ("coarse", "fine")

Parts = TypeVar("Parts")


@dataclass(frozen=True)
class Opened:
    """Sessions by graph, where they run, and the token graphs whose runs are captured as CUDA graphs."""

    sessions: dict[str, Session]
    device: DeviceInUse
    captured: frozenset[str] = frozenset()


def open_on(bundle: Bundle, device: str, *, threads: int, make: Callable[[Opened], Parts]) -> tuple[Opened, Parts]:
    """Open a bundle's graphs on a device and make something of them.

    Args:
        bundle: Whose graphs.
        device: One of `devices.DEVICES`. `auto` takes CUDA where all graphs load on it and `make` succeeds.
        threads: See `sessions.open_session`.
        make: Called with the sessions; on CUDA it should try them, for what fails there counts as "does not work".

    Returns:
        The sessions and what `make` made of them.

    Raises:
        BundleError: A graph cannot be loaded.
        MissingDependencyError: `cuda` was asked for and does not work; says what was found and what to install.
        SettingError: There is no such device.
    """
    notes: tuple[str, ...] = ()
    if check_device(device) != CPU:
        found = _open_on_cuda(bundle, threads, make, is_asked_for=device == CUDA)
        if not isinstance(found, str):
            return found
        if device == CUDA:
            raise cuda_error(found)
        notes = (f"CUDA is not used: {found}",)
        log.info("%s", notes[0])
    opened = _open(bundle, CPU, threads, notes=notes)
    return opened, make(opened)


def _open_on_cuda(
    bundle: Bundle, threads: int, make: Callable[[Opened], Parts], *, is_asked_for: bool
) -> tuple[Opened, Parts] | str:
    """As `open_on`; a text is the reason why CUDA does not work."""
    obstacle = cuda_obstacle()
    if obstacle is not None:
        return obstacle
    libraries = load_cuda_libraries()
    captured, notes = _capturable(bundle)
    for choice in (captured, frozenset[str]()) if captured else (captured,):
        try:
            opened = _open(bundle, CUDA, threads, captured=choice, notes=notes)
            if not all(device_of(session) == CUDA for session in opened.sessions.values()):
                obstacle = f"ONNX Runtime went on without CUDA ({libraries})"
                break
            made = make(opened)
        # As for sessions: ONNX Runtime's errors have no base of their own, and a GPU fails in many ways.
        except Exception as error:
            if is_asked_for and not choice:
                raise _as_ours(error) from error
            obstacle = _one_line(error)
            notes = (*notes, f"CUDA graphs are off: {obstacle}")
        else:
            for note in notes:
                log.info("%s", note)
            return opened, made
    # The machine has a GPU, so that its user will wonder.
    log.warning("CUDA is not used: %s. Install its libraries with: pip install 'vampbridge[cuda]'", obstacle)
    return str(obstacle)


def _capturable(bundle: Bundle) -> tuple[frozenset[str], tuple[str, ...]]:
    """Token graphs that CUDA graphs can hold, and for the others why not."""
    obstacles = {name: control_flow(bundle.graph(name)) for name in TOKEN_GRAPHS}
    notes = tuple(
        f"CUDA graphs are off for the {name} model: its graph holds {' and '.join(found)}, which the host decides"
        for name, found in obstacles.items()
        if found
    )
    return frozenset(name for name, found in obstacles.items() if not found), notes


def _open(
    bundle: Bundle,
    device: str,
    threads: int,
    *,
    captured: frozenset[str] = frozenset(),
    notes: tuple[str, ...] = (),
) -> Opened:
    sessions = {
        name: open_session(
            bundle.graph(name),
            what=f"bundle {bundle.manifest.name}: graph {name}",
            threads=threads,
            device=device,
            cuda_graphs=name in captured,
        )
        for name in GRAPHS
    }
    return Opened(sessions, DeviceInUse(device, notes), captured)


def _as_ours(error: Exception) -> Exception:
    return error if isinstance(error, BundleError) else cuda_error(_one_line(error))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
