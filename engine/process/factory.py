"""Makes the vamper of the engine process. Imported there only: it loads ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

from ..bundle import load_bundle
from ..vamper import Vamper


def make_vamper(bundle_path: Path | None, threads: int, device: str) -> Vamper:
    """Load a bundle, None = the embedded default, and its graphs.

    Raises:
        BundleError: It cannot be loaded.
        MissingDependencyError: The device was asked for by name and does not work.
    """
    return Vamper(load_bundle(bundle_path), threads=threads, device=device)
