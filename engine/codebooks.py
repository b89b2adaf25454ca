"""The codebooks of a bundle's codec as a file of their own, for transformers that are trained on its tokens.

The graphs hold them too, but only the onnx package could find them there. Bundles that were made before have no such
file and perform all the same.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from .bundle import NO_ARCHIVE, Bundle
from .errors import BundleError

CODEBOOKS = "codebooks.npz"


def pack_codebooks(entries: NDArray[np.float32], *, half: bool = False) -> bytes:
    """The content of the file.

    Args:
        entries: (K, V, d), as the decoder looks them up.
        half: Whether the decoder stores them in half precision, so that the file may too.
    """
    buffer = io.BytesIO()
    np.savez(buffer, codebooks=entries.astype(np.float16 if half else np.float32))
    return buffer.getvalue()


def unpack_codebooks(bundle: Bundle) -> NDArray[np.float32] | None:
    """Entries (K, V, d) float32 of the codec in a bundle; None where it has no such file.

    Raises:
        BundleError: The file cannot be read, or is not of the sizes in the manifest.
    """
    manifest = bundle.manifest
    data = bundle.contents.get(CODEBOOKS)
    if data is None:
        return None
    where = f"bundle {manifest.name}: {CODEBOOKS}"
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            entries = arrays["codebooks"]
    except NO_ARCHIVE as error:
        raise BundleError(f"{where} cannot be read: {error}; export the bundle again") from error
    sizes = (manifest.n_codebooks, manifest.vocabulary)
    if entries.ndim != 3 or entries.shape[:2] != sizes or entries.dtype.kind != "f" or not np.isfinite(entries).all():
        raise BundleError(
            f"{where} must hold {sizes} finite vectors, got {entries.shape} of {entries.dtype}; export the bundle again"
        )
    return np.asarray(entries, dtype=np.float32)
