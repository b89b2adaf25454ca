"""ONNX Runtime, and the only file that imports it: sessions on a named device, and runs bound to its memory."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

# Since 1.29 ONNX Runtime writes an identifier of the machine into the home folder as soon as it is loaded, and tells
# Microsoft of every session that is opened, over the network. Nothing here does so unasked: its switch is set first.
# Whoever wants it told sets it to 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

from .devices import CPU, CUDA, PROVIDERS, missing_driver, providers_for
from .errors import BundleError

Array = NDArray[Any]

NOT_CAPTURED = -1
"""As `graph_id` of a run, in a session that was opened for CUDA graphs: this one is neither captured nor replayed."""
_FATAL, _WARNING = 4, 2  # of ONNX Runtime's log


class Session(Protocol):
    """What is used of ONNX Runtime's `InferenceSession`, which comes without types."""

    def run(self, outputs: list[str] | None, inputs: dict[str, Array]) -> list[Array]:
        """Arrays in, arrays out; None asks for every output."""

    def get_providers(self) -> list[str]:
        """Where it really runs, the preferred one first."""

    def get_modelmeta(self) -> Any:  # noqa: ANN401
        """`custom_metadata_map` of the graph, and more."""

    def io_binding(self) -> Any:  # noqa: ANN401
        """Binds inputs and outputs to places in memory."""

    def run_with_iobinding(self, binding: Any, options: Any = None) -> None:  # noqa: ANN401
        """Run on what was bound."""


def open_session(graph: bytes, *, what: str, threads: int = 0, device: str = CPU, cuda_graphs: bool = False) -> Session:
    """Load a serialised graph.

    Args:
        graph: Serialised ONNX model.
        what: What it is, for the error.
        threads: For each operation; 0 lets ONNX Runtime take one per physical core.
        device: `cpu` or `cuda`. ONNX Runtime falls back to the CPU by itself: `device_of` says what became of it.
        cuda_graphs: See `devices.providers_for`.

    Raises:
        BundleError: The graph cannot be loaded.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Denormal numbers are not flushed: ONNX Runtime would switch that for the whole calling thread, the host's own.
    # Spinning workers would take a core from the audio between two passes.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = providers_for(device, cuda_graphs=cuda_graphs)
    try:
        with _quiet() if device == CUDA else contextlib.nullcontext():
            session: Session = _forgetful(
                onnxruntime.InferenceSession(graph, options, providers=providers, enable_fallback=0)
            )
    # ONNX Runtime raises a dozen classes of its own without a common base; all of them mean the same here.
    except Exception as error:
        raise BundleError(f"{what} cannot be loaded: {error}") from error
    return session


def _forgetful(session: Any) -> Any:  # noqa: ANN401
    """A session that lets go of the bytes it was made from: ONNX Runtime keeps them for a fallback that is off here."""
    session._model_bytes = None  # noqa: SLF001 - there is no public way
    return session


def device_of(session: Session) -> str:
    """`cuda` or `cpu`, as the session says; never what was asked for."""
    return CUDA if PROVIDERS[CUDA] in session.get_providers() else CPU


def cuda_obstacle() -> str | None:
    """Why CUDA is out of the question, in words; None if it may work, which only a session can tell.

    ONNX Runtime's GPU build lists CUDA as available on machines without it, so its list alone says nothing.
    """
    if (missing := missing_driver()) is not None:
        return missing
    available = onnxruntime.get_available_providers()
    if PROVIDERS[CUDA] not in available:
        return f"onnxruntime {onnxruntime.__version__} was installed without CUDA, it knows {', '.join(available)}"
    return None


def load_cuda_libraries() -> str:
    """Load the libraries that the extra `cuda` installs, where they are; what could not be loaded, in words."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(OSError, RuntimeError):
        onnxruntime.preload_dlls()
    failed = [line.strip() for line in said.getvalue().splitlines() if "ailed" in line]
    return "; ".join(failed[:3]) or "onnxruntime names no library that it misses"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """ONNX Runtime tells of missing libraries at length and in its own words; ours are in `devices.cuda_error`."""
    onnxruntime.set_default_logger_severity(_FATAL)
    try:
        yield
    finally:
        onnxruntime.set_default_logger_severity(_WARNING)


class DeviceArray:
    """An array in memory of a device, of one shape and at one address for life."""

    def __init__(self, first: Array, device: str) -> None:
        """Holds a copy of `first`."""
        own = np.array(first, order="C")
        self.value = onnxruntime.OrtValue.ortvalue_from_numpy(own, device)

    def write(self, array: Array) -> None:
        """Replace what it holds; same shape and type."""
        self.value.update_inplace(np.ascontiguousarray(array))

    def read(self) -> Array:
        """A copy in the caller's memory."""
        return np.array(self.value.numpy())


class BoundRun:
    """A session with all its inputs and outputs in place: a run allocates nothing and copies nothing by itself."""

    def __init__(
        self,
        session: Session,
        inputs: dict[str, DeviceArray],
        outputs: dict[str, DeviceArray],
        *,
        graph_id: int | None = None,
    ) -> None:
        """With a `graph_id`, which no other run of the session may have, the run is captured and then replayed.

        On a CPU it is run like any other.
        """
        self._session, self._arrays = session, (inputs, outputs)  # kept alive: the binding holds addresses
        self._binding = session.io_binding()
        self._options = None
        for name, array in inputs.items():
            self._binding.bind_ortvalue_input(name, array.value)
        for name, array in outputs.items():
            self._binding.bind_ortvalue_output(name, array.value)
        if graph_id is not None:
            self._options = onnxruntime.RunOptions()
            self._options.add_run_config_entry("gpu_graph_id", str(graph_id))

    def run(self) -> None:
        """Read the inputs, write the outputs."""
        self._session.run_with_iobinding(self._binding, self._options)
