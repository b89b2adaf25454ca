"""A model bundle: a folder (or .zip) with `manifest.json`, four ONNX graphs and the position-bias weights.

Reading checks the format version and the SHA-256 of every file before anything is run. Nothing here runs a model.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np

from .errors import BundleError
from .position_bias import N_BUCKETS

FORMAT = 1
MANIFEST = "manifest.json"
GRAPHS = ("encoder", "decoder", "coarse", "fine")
POSITION_BIAS = "position_bias.npz"
DEFAULT_NAME = "default"
_DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, RuntimeError)
# What is no archive at all is a ValueError or EOFError; an array alone has no names (TypeError, AttributeError);
# an archive of another kind is a RuntimeError.
NO_ARCHIVE = (OSError, ValueError, EOFError, KeyError, TypeError, AttributeError, *_DAMAGED_ZIP)
"""What reading arrays from bytes by name may raise, when they are not what `numpy.savez` wrote."""


@dataclass(frozen=True)
class Manifest:
    """What a bundle says of itself.

    Attributes:
        format: Version of this layout, `FORMAT`.
        name: Short name, shown to users.
        licence: SPDX name or words, of the weights.
        sample_rate: Of the codec, Hz.
        hop: Samples per token frame.
        n_codebooks: Levels of the codec, K.
        n_coarse: Codebooks the coarse model predicts; the fine model predicts the others from them.
        vocabulary: Entries per codebook, V; token id V means "masked".
        coarse_context: Longest window of the coarse model, frames.
        fine_context: Longest window of the fine model, frames.
        codec_context: Frames of surroundings the codec needs on each side.
        precision: Storage of each graph's weights, by graph.
        origin: Where the weights came from, free words by key.
        checks: What the export measured of its own graphs against torch, by name.
        files: SHA-256 of every other file, by name.
    """

    format: int
    name: str
    licence: str
    sample_rate: int
    hop: int
    n_codebooks: int
    n_coarse: int
    vocabulary: int
    coarse_context: int
    fine_context: int
    codec_context: int
    precision: dict[str, str]
    origin: dict[str, str]
    checks: dict[str, str]
    files: dict[str, str]

    def to_json(self) -> str:
        """The text of `manifest.json`."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Bundle:
    """A checked bundle in memory: its manifest, its files, and `fingerprint`, the SHA-256 of the manifest.

    What was hashed is what is loaded: the files are read once, and sessions are made from these bytes.
    """

    manifest: Manifest
    fingerprint: str
    contents: dict[str, bytes]

    def graph(self, name: str) -> bytes:
        """Serialised ONNX model of one of GRAPHS."""
        return self.contents[f"{name}.onnx"]

    def without_contents(self) -> Bundle:
        """What it says of itself alone, for after its graphs are loaded: sessions have copies of their own."""
        return replace(self, contents={})


def embedded_folder() -> Path:
    """Where the bundle lies that ships with the package."""
    return Path(__file__).parent / "models" / DEFAULT_NAME


def load_bundle(path: Path | None = None) -> Bundle:
    """Read and check a bundle.

    Args:
        path: A folder or a .zip file; None loads the embedded default.

    Raises:
        BundleError: Missing, unreadable, of another format version, incomplete or damaged; says which and what to do.
    """
    where = str(path) if path is not None else "the embedded default bundle"
    read = _reader(path, where)
    text = read(MANIFEST)
    manifest = _parse_manifest(text, where)
    missing = {f"{graph}.onnx" for graph in GRAPHS} | {POSITION_BIAS}
    missing -= set(manifest.files)
    if missing:
        raise BundleError(f"{where}: the manifest does not list {', '.join(sorted(missing))}; export the bundle again")
    contents = {}
    for name, expected in manifest.files.items():
        data = read(name)
        if hashlib.sha256(data).hexdigest() != expected:
            raise BundleError(f"{where}: {name} is damaged (its SHA-256 differs); copy or export the bundle again")
        contents[name] = data
    _check_position_bias(contents[POSITION_BIAS], where)
    return Bundle(manifest, hashlib.sha256(text).hexdigest(), contents)


def read_manifest(path: Path | None = None) -> Manifest:
    """What a bundle says of itself; its other files are not looked at.

    Args:
        path: As for `load_bundle`.

    Raises:
        BundleError: Missing, unreadable or of another format version.
    """
    where = str(path) if path is not None else "the embedded default bundle"
    return _parse_manifest(_reader(path, where)(MANIFEST), where)


def _reader(path: Path | None, where: str) -> Callable[[str], bytes]:
    try:
        root = _opened(path)
    except (OSError, *_DAMAGED_ZIP) as error:
        raise BundleError(f"{path} cannot be read: {error}") from error

    def read(name: str) -> bytes:
        # A colon opens another drive or a second stream of a file on Windows.
        if not name or name.startswith(".") or any(character in name for character in "/\\:"):
            raise BundleError(f"{where}: the manifest names a file outside the bundle: {name!r}")
        try:
            return (root / name).read_bytes()
        except (OSError, KeyError, *_DAMAGED_ZIP) as error:
            raise BundleError(f"{where}: cannot read {name}: {error}") from error

    return read


def _opened(path: Path | None) -> Path | zipfile.Path:
    if path is None:
        return embedded_folder()
    if not path.exists():
        raise BundleError(f"there is no bundle at {path}")
    if path.is_dir():
        if not (path / MANIFEST).is_file():
            raise BundleError(f"the folder {path.resolve()} is no bundle: it has no {MANIFEST}")
        return path
    if not zipfile.is_zipfile(path):
        raise BundleError(f"{path} is no bundle: neither a folder nor a .zip file with {MANIFEST}")
    return zipfile.Path(path)


def _parse_manifest(text: bytes, where: str) -> Manifest:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise BundleError(f"{where}: {MANIFEST} is not valid JSON: {error}") from error
    if not isinstance(values, dict) or "format" not in values:
        raise BundleError(f"{where}: {MANIFEST} has no format version; this is no Vampbridge bundle")
    if values["format"] != FORMAT:
        raise BundleError(
            f"{where}: bundle format {values['format']!r}, this version of Vampbridge reads {FORMAT}: "
            "update Vampbridge, or export the bundle again"
        )
    wanted = {spec.name: spec.type for spec in fields(Manifest)}
    if set(values) != set(wanted):
        odd = sorted(set(values) ^ set(wanted))
        raise BundleError(f"{where}: {MANIFEST} has missing or unknown entries: {', '.join(odd)}")
    for name, kind in wanted.items():
        _check_entry(name, values[name], str(kind), where)
    manifest = Manifest(**values)
    if manifest.n_coarse >= manifest.n_codebooks:
        raise BundleError(
            f"{where}: {MANIFEST}: n_coarse must be below n_codebooks, {manifest.n_codebooks}, got {manifest.n_coarse}"
        )
    return manifest


def _check_entry(name: str, value: object, kind: str, where: str) -> None:
    if kind == "int":
        good = isinstance(value, int) and not isinstance(value, bool) and value > 0
    elif kind == "str":
        good = isinstance(value, str)
    else:
        good = isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    if not good:
        raise BundleError(f"{where}: {MANIFEST} has no usable {name}, got {value!r}")


def _check_position_bias(data: bytes, where: str) -> None:
    """Both transformers' relative-position weights must be there, (buckets, H) and finite."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            weights = {name: arrays[name] for name in ("coarse", "fine")}
    except NO_ARCHIVE as error:
        raise BundleError(f"{where}: {POSITION_BIAS} cannot be read: {error}; export the bundle again") from error
    for name, array in weights.items():
        if array.ndim != 2 or array.shape[0] != N_BUCKETS or array.shape[1] == 0 or array.dtype.kind != "f":
            raise BundleError(
                f"{where}: {name} in {POSITION_BIAS} must be ({N_BUCKETS}, heads) of floats, "
                f"got {array.shape} of {array.dtype}; export the bundle again"
            )
        if not np.isfinite(array).all():
            raise BundleError(f"{where}: {name} in {POSITION_BIAS} is not finite; export the bundle again")
