"""Reads what torch.save wrote: names to tensors, and the constructor arguments beside them. Weights only.

A weights archive is a zip with a pickle (`data.pkl`) that says which tensor lies in which of the raw files beside it.
The pickle is read as data (`pickles`), the raw files are stored without compression, and every size is checked against
the bytes that are really there, so that a file can be no larger in memory than on disk. What the tensors mean is none
of this module's business: see `published`.

A torch.package archive is a zip too, but holds Python code that runs on loading: it is recognised and refused.
"""

from __future__ import annotations

import math
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import BundleError
from .pickles import Maker, Named, quoted, read_pickle

# Published ones are below 1 MB; a long training log may add some.
_MAX_PICKLE_BYTES = 64 * 2**20
_MAX_AXES = 8
_MAX_SHARING = 4  # tied weights are stored once
_MAX_SETTINGS = 10_000
_MAX_SETTING_LEVELS = 4
_MAX_SETTING_BITS = 64
_LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_COMPILED = "_orig_mod."
_DTYPES = {
    "torch.DoubleStorage": torch.float64,
    "torch.FloatStorage": torch.float32,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.ShortStorage": torch.int16,
    "torch.CharStorage": torch.int8,
    "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool,
}
# zipfile and torch speak of damage in many ways, down to NotImplementedError for a method that zipfile does not know.
_DAMAGE = (OSError, zipfile.BadZipFile, EOFError, RuntimeError, ValueError, TypeError, KeyError, ArithmeticError)
_PACKAGE = (
    "is a torch.package archive: loading it runs the Python code inside, which Vampbridge never does. Either fetch the "
    "weights with `vampbridge models pull vampnet`; or, on a machine where you trust the file, load it with the "
    "package that it came from and write torch.save({'state_dict': model.state_dict(), 'metadata': {'kwargs': "
    "{…the arguments of its constructor…}}}, 'weights.pth'), and use weights.pth"
)


@dataclass(frozen=True)
class Archive:
    """A weights archive: tensors by name, and the constructor's arguments (empty where the file has none)."""

    path: Path
    state: dict[str, Tensor]
    kwargs: dict[str, Any]


def read_archive(path: Path) -> Archive:
    """Read a weights archive into memory, on the CPU.

    The prefix `_orig_mod.`, which torch.compile puts into names, is taken out.

    Raises:
        BundleError: Missing, unreadable, damaged, of another kind, or naming anything that could run code.
    """
    return _read(path, with_weights=True)


def read_outline(path: Path) -> Archive:
    """The same, without reading the weights: the tensors have their shapes and types and lie on torch's meta device.

    Raises:
        BundleError: As for `read_archive`, as far as can be told without the weights.
    """
    return _read(path, with_weights=False)


def _read(path: Path, *, with_weights: bool) -> Archive:
    _refuse_other_formats(path)
    try:
        with zipfile.ZipFile(path) as file:
            contents = _Weights(file, with_weights=with_weights).contents()
    except _DAMAGE as error:
        raise BundleError(f"cannot read checkpoint {path}: it is damaged ({error})") from error
    except pickle.UnpicklingError as error:
        raise BundleError(f"cannot read checkpoint {path}: {error}") from error
    return _archive(path, contents)


def _refuse_other_formats(path: Path) -> None:
    """Say what a file is that is no zip at all."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
        is_zip = zipfile.is_zipfile(path)
    except OSError as error:
        raise BundleError(f"cannot read checkpoint {path}: {error.strerror or error}") from error
    if start.startswith(_LEGACY_MAGIC):
        raise BundleError(
            f"cannot read checkpoint {path}: it was written by torch before 1.6; where you trust it, load it with "
            "torch and write it again with torch.save"
        )
    if not is_zip:
        hint = "a zip that is cut off" if start.startswith(b"PK\x03\x04") else "no zip"
        raise BundleError(f"cannot read checkpoint {path}: it is {hint}, so no weights archive of torch.save")


def _archive(path: Path, contents: Any) -> Archive:  # noqa: ANN401
    """Tell state and constructor arguments apart: `{"state_dict", "metadata"}`, or nothing but tensors by name."""
    if not isinstance(contents, dict):
        raise BundleError(f"checkpoint {path} holds a {type(contents).__name__}, not weights by name")
    state = contents.get("state_dict", contents)
    metadata = contents.get("metadata") if state is not contents else {}
    kwargs = metadata.get("kwargs", {}) if isinstance(metadata, dict) else {}
    if not isinstance(state, dict) or not (isinstance(kwargs, dict) and _is_plain(kwargs)):
        raise BundleError(f"checkpoint {path} has no weights by name in `state_dict`, or no arguments in `metadata`")
    strangers = [key for key, value in state.items() if not (isinstance(key, str) and isinstance(value, Tensor))]
    if strangers or not state:
        found = ", ".join(quoted(key) for key in strangers[:4]) or "nothing"
        raise BundleError(f"checkpoint {path} holds no weights of a published model; it holds {found}")
    plain = {name.replace(_COMPILED, ""): value for name, value in state.items()}
    if len(plain) < len(state):
        raise BundleError(f"checkpoint {path} has weights twice, with and without {_COMPILED!r}")
    return Archive(path, plain, kwargs)


def _is_plain(settings: dict[Any, Any]) -> bool:
    """Whether settings are made of nothing but numbers, text and a few levels of lists and dicts of them.

    Values are counted as often as they occur, because a pickle may name one list any number of times.
    """
    waiting: list[tuple[object, int]] = [(settings, 0)]
    n_seen = 0
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, (dict, list, tuple)):
            n_seen += len(value)
            if depth >= _MAX_SETTING_LEVELS or n_seen > _MAX_SETTINGS:
                return False
            if isinstance(value, dict) and not all(isinstance(name, str) for name in value):
                return False
            inside = value.values() if isinstance(value, dict) else value
            waiting.extend((item, depth + 1) for item in inside)
        elif isinstance(value, int):
            # Python refuses to print numbers of thousands of digits.
            if value.bit_length() > _MAX_SETTING_BITS:
                return False
        elif value is not None and not isinstance(value, (str, float)):
            return False
    return True


class _Weights:
    """One open zip: finds the pickle, and gives it the tensors that it asks for."""

    def __init__(self, file: zipfile.ZipFile, *, with_weights: bool) -> None:
        self._file = file
        self._with_weights = with_weights
        self._bytes: dict[str, Tensor] = {}
        self._tensor_bytes = 0
        self._sizes = _stored_sizes(file)
        self._root = self._find_root()

    def contents(self) -> Any:  # noqa: ANN401
        """What was handed to torch.save."""
        order = f"{self._root}byteorder"
        if order in self._sizes and self._file.read(order) != b"little":
            raise pickle.UnpicklingError("it was written on a big-endian machine")
        name = f"{self._root}data.pkl"
        if self._sizes[name] > _MAX_PICKLE_BYTES:
            raise pickle.UnpicklingError(
                f"its pickle has {self._sizes[name]} bytes, at most {_MAX_PICKLE_BYTES} are read"
            )
        return read_pickle(self._file.read(name), makers=self._makers(), persistent=self._storage)

    def _find_root(self) -> str:
        """The folder of the archive, with its slash."""
        roots = [name.removesuffix("data.pkl") for name in self._sizes if name.rpartition("/")[2] == "data.pkl"]
        if any(name.endswith(".data/extern_modules") for name in self._sizes):
            raise pickle.UnpicklingError(f"it {_PACKAGE}")
        if any(name.endswith("/constants.pkl") for name in self._sizes):
            raise pickle.UnpicklingError("it is a TorchScript program, which holds code; only weights are read")
        if len(roots) != 1:
            raise pickle.UnpicklingError("it is a zip, but no weights archive of torch.save (no data.pkl)")
        return roots[0]

    def _makers(self) -> Mapping[str, Maker]:
        """All that a pickle may name, and what becomes of it."""
        return {
            "torch._utils._rebuild_tensor_v2": self._tensor,
            "torch._utils._rebuild_parameter": lambda arguments: arguments[0],
            "collections.OrderedDict": _ordered_dict,
            # Training logs: nested dicts that know their default. Here they are plain dicts, the default is nothing.
            "collections.defaultdict": lambda _arguments: {},
            "audiotools.ml.decorators.default_list": lambda _arguments: {},
            **dict.fromkeys(_DTYPES, _no_call),
        }

    def _storage(self, identity: Any) -> Tensor:  # noqa: ANN401
        """Flat tensor of a persistent id ("storage", type, key, location, count); the location is left out."""
        kind, named, key, _location, count = identity
        if kind != "storage" or not isinstance(named, Named) or not isinstance(key, str) or not isinstance(count, int):
            raise ValueError("a reference to raw data that is none")
        dtype, name = _DTYPES[named.name], f"{self._root}data/{key}"
        # Checked for every reference: two may name the same bytes and say different things of them.
        if self._sizes[name] != count * dtype.itemsize:
            raise ValueError(f"{name} has {self._sizes[name]} bytes, expected {count * dtype.itemsize}")
        if name not in self._bytes:
            self._bytes[name] = self._read(name)
        return self._bytes[name].view(dtype)

    def _read(self, name: str) -> Tensor:
        """The bytes of a raw file, (size,) uint8."""
        size = self._sizes[name]
        if not self._with_weights:
            return torch.empty(size, dtype=torch.uint8, device="meta")
        if size == 0:
            return torch.empty(0, dtype=torch.uint8)
        # A bytearray, because torch wants memory that may be written; zipfile compares the checksum.
        return torch.frombuffer(bytearray(self._file.read(name)), dtype=torch.uint8)

    def _tensor(self, arguments: tuple[Any, ...]) -> Tensor:
        """A tensor (storage, offset, shape, strides, …) of what is really in the storage."""
        storage, offset, shape, strides = arguments[:4]
        numbers = (offset, *shape, *strides)
        if not isinstance(storage, Tensor) or not all(isinstance(number, int) and number >= 0 for number in numbers):
            raise TypeError("a tensor without data or with a strange shape")
        # Strides of 0 would let a few bytes stand for any number of values, and so would many tensors over the same.
        if len(shape) > _MAX_AXES or math.prod(shape) > storage.numel():
            raise ValueError(f"a tensor of {len(shape)} axes with more values than the {storage.numel()} there are")
        self._tensor_bytes += math.prod(shape) * storage.itemsize
        if self._tensor_bytes > _MAX_SHARING * sum(self._sizes.values()):
            raise ValueError(f"its tensors have more than {_MAX_SHARING} times the bytes that there are")
        return storage.as_strided(shape, strides, offset)


def _stored_sizes(file: zipfile.ZipFile) -> dict[str, int]:
    """Bytes by name. torch.save never compresses, so together they are no more than the file itself."""
    entries = file.infolist()
    compressed = [entry.filename for entry in entries if entry.compress_type != zipfile.ZIP_STORED]
    if compressed:
        raise pickle.UnpicklingError(
            f"it is a compressed zip ({compressed[0][:60]}), so no weights archive of torch.save"
        )
    sizes = {entry.filename: entry.file_size for entry in entries}
    total, available = sum(entry.file_size for entry in entries), Path(str(file.filename)).stat().st_size
    if len(sizes) < len(entries) or total > available:
        raise ValueError(f"its {len(entries)} parts say {total} bytes, the file has {available}")
    return sizes


def _ordered_dict(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    if arguments:
        raise TypeError("an OrderedDict with arguments")
    return {}


def _no_call(_arguments: tuple[Any, ...]) -> None:
    raise TypeError("calls a storage type")
