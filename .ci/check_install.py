"""Checks the core install that this interpreter belongs to.

Usage:
    python .ci/check_install.py                     no extras are installed, and every module for performing imports
    python .ci/check_install.py --demo-loop         prints the path of a demo loop that came with the package
    python .ci/check_install.py --differ IN OUT     OUT is as long as IN, is not silent, and is not IN
"""

import importlib
import importlib.metadata
import importlib.resources
import importlib.util
import pkgutil
import sys
import sysconfig
from pathlib import Path

EXTRAS = (
    "torch",
    "torchaudio",
    "onnx",
    "onnxscript",
    "safetensors",
    "huggingface_hub",
    "librosa",
    "matplotlib",
    "dac",
    "py2max",
)
PERFORMING = ("vampbridge.engine", "vampbridge.bridge", "vampbridge.max_patches")
WITH_EXTRAS = (
    "vampbridge.engine.checkpoints",
    "vampbridge.engine.nets",
    "vampbridge.engine.training",
    "vampbridge.max_patches.building",
)


def check_core() -> None:
    """Exits if an extra is there, if both onnxruntimes are, or if a module for performing fails to import."""
    if extras := [name for name in EXTRAS if importlib.util.find_spec(name)]:
        sys.exit(f"the core install brings {extras}")
    installed = {distribution.metadata["Name"].lower() for distribution in importlib.metadata.distributions()}
    runtimes = installed & {"onnxruntime", "onnxruntime-gpu"}
    if len(runtimes) != 1:
        sys.exit(f"exactly one onnxruntime must be installed, got {sorted(runtimes)}")
    names = list(PERFORMING)
    for package in PERFORMING:
        path = importlib.import_module(package).__path__
        if not path[0].startswith(sysconfig.get_path("purelib")):
            sys.exit(f"{package} comes from {path[0]}, not from the install")
        # A package that fails to import is listed all the same, and fails below.
        names += [module.name for module in pkgutil.walk_packages(path, f"{package}.")]
    names = [name for name in names if not name.startswith(WITH_EXTRAS) and not name.endswith("__main__")]
    for name in names:
        importlib.import_module(name)
    print(f"core install: no extras, {runtimes.pop()}, {len(names)} modules import")


def demo_loop() -> str:
    """The path of the first demo loop."""
    folder = Path(str(importlib.resources.files("vampbridge.engine.demo")))
    return str(min(folder.glob("*.flac")))


def check_differ(source: str, result: str) -> None:
    """Exits unless `result` is a variation of `source`."""
    import numpy as np
    import soundfile

    loop, rate = soundfile.read(source, dtype="float32", always_2d=True)  # (N, C)
    take, take_rate = soundfile.read(result, dtype="float32", always_2d=True)  # (N, C)
    if len(take) != len(loop) or take_rate != rate:
        sys.exit(f"the loop has {len(loop)} samples at {rate} Hz, the take {len(take)} at {take_rate} Hz")
    if not np.isfinite(take).all() or np.abs(take).max() < 1e-3:
        sys.exit("the take is silent or not finite")
    if take.shape == loop.shape and np.allclose(take, loop, atol=1e-3):
        sys.exit("the take is the loop itself")
    print(f"vamped {Path(source).name}: {len(take) / rate:.2f} s")


if __name__ == "__main__":
    if "--demo-loop" in sys.argv:
        print(demo_loop())
    elif "--differ" in sys.argv:
        check_differ(*sys.argv[2:])
    else:
        check_core()
