"""Opens a bundle's graphs where they are wanted, and finds out where they really run. No arrays of music here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from .bundle import GRAPHS, Bundle
from .codec_threads import graph_threads
from .devices import CPU, CUDA, DeviceInUse, check_device, cuda_error
from .errors import BundleError
from .graph_facts import control_flow, left_to_host
from .sessions import Session, cuda_obstacle, device_of, load_cuda_libraries, open_session

log = logging.getLogger(__name__)

TOKEN_GRAPHS = ("coarse", "fine")

Parts = TypeVar("Parts")


@dataclass(frozen=True)
class Opened:
    """Sessions by graph, where they run, and the token graphs whose runs are captured as CUDA graphs.

    On CUDA, graphs with operators that it has no kernel for are on the CPU all the same; the device's notes name them.
    """

    sessions: dict[str, Session]
    device: DeviceInUse
    captured: frozenset[str] = frozenset()


def open_on(
    bundle: Bundle, device: str, *, threads: int, make: Callable[[Opened], Parts], bound: frozenset[str]
) -> tuple[Opened, Parts]:
    """Open a bundle's graphs on a device and make something of them.

    Args:
        bundle: Whose graphs.
        device: One of `devices.DEVICES`. `auto` takes CUDA where all graphs load on it and `make` succeeds.
        threads: See `sessions.open_session`.
        make: Called with the sessions; on CUDA it should try them, for what fails there counts as "does not work".
        bound: Token graphs whose inputs and outputs `make` will keep at fixed places; only those can be captured.

    Returns:
        The sessions and what `make` made of them.

    Raises:
        BundleError: A graph cannot be loaded.
        MissingDependencyError: `cuda` was asked for and does not work; says what was found and what to install.
        SettingError: There is no such device.
    """
    notes: tuple[str, ...] = ()
    if check_device(device) != CPU:
        found = _open_on_cuda(bundle, threads, make, bound=bound, is_asked_for=device == CUDA)
        if not isinstance(found, str):
            return found
        if device == CUDA:
            raise cuda_error(found)
        notes = (f"CUDA is not used: {found}",)
        log.info("%s", notes[0])
    opened = _open(bundle, CPU, threads, notes=notes)
    return opened, make(opened)


def _open_on_cuda(
    bundle: Bundle, threads: int, make: Callable[[Opened], Parts], *, bound: frozenset[str], is_asked_for: bool
) -> tuple[Opened, Parts] | str:
    """As `open_on`; a text is the reason why CUDA does not work."""
    obstacle = cuda_obstacle()
    if obstacle is not None:
        return obstacle
    elsewhere = {name: lacks for name in GRAPHS if (lacks := left_to_host(bundle.graph(name)))}
    if elsewhere.keys() >= set(GRAPHS if is_asked_for else TOKEN_GRAPHS):
        lacking = " and ".join(sorted({operator for lacks in elsewhere.values() for operator in lacks}))
        return (
            f"bundle {bundle.manifest.name} computes in 8 bits, and CUDA has no kernel for {lacking}; "
            "export it with --token-precision gpu"
        )
    libraries, cure = load_cuda_libraries(), ""
    captured, notes = _capturable(bundle, bound - elsewhere.keys(), elsewhere)
    for choice in (captured, frozenset[str]()) if captured else (captured,):
        try:
            found = _try_cuda(bundle, threads, make, captured=choice, notes=notes, elsewhere=frozenset(elsewhere))
        # As for sessions: ONNX Runtime's errors have no base of their own, and a GPU fails in many ways.
        except Exception as error:  # noqa: PERF203 - two attempts at most
            if is_asked_for and not choice:
                raise _as_ours(error) from error
            obstacle = _one_line(error)
            notes = (*notes, f"CUDA graphs are off: {obstacle}")
        else:
            if found is not None:
                if is_asked_for and elsewhere:
                    log.warning("not on CUDA, which has no kernels for them: %s", ", ".join(elsewhere))
                return found
            obstacle = f"ONNX Runtime went on without CUDA ({libraries})"
            cure = ". Install its libraries with: pip install 'vampbridge[cuda]'"
            break
    if not is_asked_for:  # for then there is an error
        # The machine has a GPU, so that its user will wonder.
        log.warning("CUDA is not used: %s%s", obstacle, cure)
    return str(obstacle)


def _try_cuda(
    bundle: Bundle,
    threads: int,
    make: Callable[[Opened], Parts],
    *,
    captured: frozenset[str],
    notes: tuple[str, ...],
    elsewhere: frozenset[str],
) -> tuple[Opened, Parts] | None:
    """One attempt; None if ONNX Runtime went on without CUDA. A failed one leaves nothing on the GPU for the next."""
    opened = _open(bundle, CUDA, threads, captured=captured, notes=notes, elsewhere=elsewhere)
    if not all(device_of(session) == CUDA for name, session in opened.sessions.items() if name not in elsewhere):
        return None
    made = make(opened)
    for note in notes:
        log.info("%s", note)
    return opened, made


def _capturable(
    bundle: Bundle, bound: frozenset[str], elsewhere: Mapping[str, tuple[str, ...]]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Token graphs that CUDA graphs can hold, and what is to be said of all others.

    Args:
        bundle: Whose graphs.
        bound: See `open_on`.
        elsewhere: Graphs that stay on the CPU, with the operators that keep them there.
    """
    notes = [
        f"the {name} graph runs on the CPU: CUDA has no kernel for its {' and '.join(found)}"
        for name, found in elsewhere.items()
    ]
    reasons: dict[str, str] = {}
    for name in TOKEN_GRAPHS:
        if name in elsewhere:
            continue
        if found := control_flow(bundle.graph(name)):
            reasons[name] = f"its graph holds {' and '.join(found)}, which the host decides"
        elif name not in bound:
            reasons[name] = "its lengths are not padded, so its arrays have no fixed places"
    notes += [f"CUDA graphs are off for the {name} model: {reason}" for name, reason in reasons.items()]
    return frozenset(TOKEN_GRAPHS) - reasons.keys() - elsewhere.keys(), tuple(notes)


def _open(
    bundle: Bundle,
    device: str,
    threads: int,
    *,
    captured: frozenset[str] = frozenset(),
    notes: tuple[str, ...] = (),
    elsewhere: frozenset[str] = frozenset(),
) -> Opened:
    """All graphs on a device, but for those that are `elsewhere`, on the CPU."""
    places = {name: CPU if name in elsewhere else device for name in GRAPHS}
    sessions = {
        name: open_session(
            bundle.graph(name),
            what=f"bundle {bundle.manifest.name}: graph {name}",
            threads=graph_threads(bundle, name, place, threads),
            device=place,
            cuda_graphs=name in captured,
        )
        for name, place in places.items()
    }
    return Opened(sessions, DeviceInUse(device, notes), captured)


def _as_ours(error: Exception) -> Exception:
    return error if isinstance(error, BundleError) else cuda_error(_one_line(error))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
