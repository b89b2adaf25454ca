"""Where the graphs run: the names a user may give, the provider behind each, and what is missing where CUDA is not.

Names and words only: sessions are opened in `sessions`, and no graph is known here.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass

from .errors import MissingDependencyError, SettingError

AUTO, CPU, CUDA = "auto", "cpu", "cuda"
DEVICES = (AUTO, CPU, CUDA)
DEFAULT_DEVICE = AUTO
DEVICE_HELP = "Where the models run; auto takes a CUDA GPU if it really works, and the CPU otherwise."

PROVIDERS = {CPU: "CPUExecutionProvider", CUDA: "CUDAExecutionProvider"}
"""ONNX Runtime's name for each device. The only place where they are written."""

Provider = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class DeviceInUse:
    """Where the graphs of a bundle run.

    Attributes:
        name: `cpu` or `cuda`, as the sessions themselves say.
        notes: What was wanted and is not so, with the reason, in full sentences.
    """

    name: str
    notes: tuple[str, ...] = ()


def check_device(device: str) -> str:
    """The name itself.

    Raises:
        SettingError: Not one of DEVICES.
    """
    if device not in DEVICES:
        raise SettingError(f"device must be one of {', '.join(DEVICES)}, got {device!r}")
    return device


def providers_for(device: str, *, cuda_graphs: bool = False) -> list[Provider]:
    """Providers of a session, the preferred one first; the CPU runs what the GPU has no kernel for.

    Args:
        device: `cpu` or `cuda`.
        cuda_graphs: Whether runs are captured and replayed; the graph must have no control flow.
    """
    cpu: Provider = (PROVIDERS[CPU], {})
    if device == CPU:
        return [cpu]
    options = {
        # Every algorithm is tried once per shape. Lengths come in few sizes, and the warm-up meets all of them.
        "cudnn_conv_algo_search": "EXHAUSTIVE",
        "cudnn_conv_use_max_workspace": "1",
        # As the network was defined; the rounding of TF32 would change tokens.
        "use_tf32": "0",
        "enable_cuda_graph": str(int(cuda_graphs)),
    }
    return [(PROVIDERS[CUDA], options), cpu]


def missing_driver() -> str | None:
    """What keeps this machine from having a CUDA device at all; None if there is one."""
    library = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(library)
    except OSError:
        return f"no NVIDIA driver was found ({library} cannot be loaded)"
    count = ctypes.c_int(0)
    status = driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count))
    if status:
        return f"the NVIDIA driver does not start (CUDA error {status})"
    return None if count.value else "the NVIDIA driver has no device"


def cuda_error(found: str) -> MissingDependencyError:
    """The error for a user who asked for CUDA: what was found, and what to install."""
    return MissingDependencyError(
        f"device cuda cannot be used: {found}. It needs an NVIDIA GPU with its driver, and the CUDA libraries: "
        "pip install 'vampbridge[cuda]'; or choose --device cpu"
    )
