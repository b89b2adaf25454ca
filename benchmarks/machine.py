"""Which machine a benchmark ran on, because a number without its machine says nothing."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
from pathlib import Path

ONNX_PACKAGES = ("onnxruntime-gpu", "onnxruntime")


def describe_machine() -> dict[str, str | int]:
    """CPU, cores, operating system, versions and date, for the JSON line of a benchmark."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count() or 1,
        "os": platform.platform(terse=True),
        "python": platform.python_version(),
        "numpy": importlib.metadata.version("numpy"),
        "onnxruntime": onnxruntime_version(),
        "date": dt.datetime.now(tz=dt.timezone.utc).strftime("%Y-%m-%d"),
    }


def cpu_model() -> str:
    """The CPU's name as Linux gives it, else what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def onnxruntime_version() -> str:
    """Version and package, `none` where it is not installed."""
    installed = {name.lower() for dist in importlib.metadata.distributions() if (name := dist.metadata["Name"])}
    found = [package for package in ONNX_PACKAGES if package in installed]
    return f"{importlib.metadata.version(found[0])} ({found[0]})" if found else "none"
