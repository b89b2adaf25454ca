"""Arithmetic and bookkeeping on weights by name: weight norm folded, adapters added, no name left over or missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from ..errors import BundleError
from .pickles import quoted

State = dict[str, Tensor]

ADAPTER_A, ADAPTER_B = ".lora_A", ".lora_B"
_LISTED = 4
# The two ways in which torch's weight norm has named its magnitude and direction.
_WEIGHT_NORM = (
    (".weight_g", ".weight_v"),
    (".parametrizations.weight.original0", ".parametrizations.weight.original1"),
)


def as_float32(state: Mapping[str, Tensor], path: Path) -> State:
    """The same weights in float32, each a whole tensor of its own.

    Raises:
        BundleError: A value is not a number, or infinite, which no training leaves in a file that works.
    """
    plain = {name: value.to(torch.float32).contiguous() for name, value in state.items()}
    broken = [name for name, value in plain.items() if not value.isfinite().all()]
    if broken:
        raise BundleError(f"checkpoint {path} has values that are not finite: {listed(broken)}")
    return plain


def fold_weight_norm(state: Mapping[str, Tensor], path: Path) -> State:
    """`X.weight` for every weight-normalised `X`: magnitude · direction / |direction| (arXiv 1602.07868, eq. 2).

    The norm is taken over everything but the first axis, which is torch's default: per output channel of a convolution,
    and per *input* channel of a transposed one.

    Raises:
        BundleError: One half without the other, of shapes that do not belong together, or a direction of length 0.
    """
    folded = dict(state)
    for magnitude_suffix, direction_suffix in _WEIGHT_NORM:
        names = {name.removesuffix(magnitude_suffix) for name in state if name.endswith(magnitude_suffix)}
        names |= {name.removesuffix(direction_suffix) for name in state if name.endswith(direction_suffix)}
        for name in sorted(names):
            magnitude = _half(folded, name + magnitude_suffix, path)
            direction = _half(folded, name + direction_suffix, path)
            norm = direction.flatten(1).norm(dim=1).reshape(-1, *[1] * (direction.ndim - 1))
            if magnitude.shape != norm.shape:
                found, wanted = tuple(magnitude.shape), tuple(norm.shape)
                raise BundleError(f"checkpoint {path}: {name}{magnitude_suffix} has shape {found}, expected {wanted}")
            if (norm == 0).any():
                raise BundleError(f"checkpoint {path}: {name}{direction_suffix} is 0 somewhere, which is no direction")
            folded[f"{name}.weight"] = direction * (magnitude / norm)
    return folded


def _half(state: State, name: str, path: Path) -> Tensor:
    if name not in state:
        raise BundleError(f"checkpoint {path} lacks {name}: half of a weight-normalised weight")
    half = state.pop(name)
    if half.ndim < 2:
        raise BundleError(f"checkpoint {path}: {name} has shape {tuple(half.shape)}, expected at least two axes")
    return half


def is_adapter_name(name: str) -> bool:
    """Whether a name belongs to a low-rank adapter."""
    return name.endswith((ADAPTER_A, ADAPTER_B))


def merge_adapters(state: Mapping[str, Tensor], path: Path) -> State:
    """`X.weight` + B·A / rank for every adapted `X`; the adapters are gone (LoRA, arXiv 2106.09685 §4.1, with α = 1).

    Added always: a file that was saved with its adapters merged already carries them twice, and that is how the
    published code runs it.

    Raises:
        BundleError: An adapter without its other half, without a weight to add it to, or of shapes that do not fit.
    """
    merged = {name: value for name, value in state.items() if not is_adapter_name(name)}
    for module in sorted({name.rpartition(".")[0] for name in state if is_adapter_name(name)}):
        parts = {suffix: module + suffix for suffix in (ADAPTER_A, ADAPTER_B, ".weight")}
        missing = [name for name in parts.values() if name not in state]
        if missing:
            raise BundleError(f"checkpoint {path} has an adapter for {module}, but lacks {listed(missing)}")
        down, up, weight = (state[name] for name in parts.values())  # (r, in), (out, r), (out, in)
        if (
            down.ndim != 2
            or up.ndim != 2
            or down.shape[0] != up.shape[1]
            or (up.shape[0], down.shape[1]) != weight.shape
        ):
            shapes = f"{tuple(down.shape)} and {tuple(up.shape)} over {tuple(weight.shape)}"
            raise BundleError(f"checkpoint {path}: the adapter of {module} does not fit, {shapes}")
        merged[parts[".weight"]] = weight + up @ down / down.shape[0]
    return merged


def check_names(state: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]], path: Path) -> None:
    """Every weight that the model has, in its shape, and no other.

    Raises:
        BundleError: Names that are missing, left over, or of another shape, the first few of each with their count.
    """
    missing = [name for name in shapes if name not in state]
    unknown = [name for name in state if name not in shapes]
    if missing or unknown:
        told = [f"{len(missing)} missing ({listed(missing)})"] if missing else []
        told += [f"{len(unknown)} that the model does not have ({listed(unknown)})"] if unknown else []
        raise BundleError(f"checkpoint {path} does not fit its model: weights {' and '.join(told)}")
    wrong = [
        f"{name} has shape {tuple(state[name].shape)}, expected {shape}"
        for name, shape in shapes.items()
        if tuple(state[name].shape) != shape
    ]
    if wrong:
        raise BundleError(f"checkpoint {path} does not fit its model: {listed(wrong)}")


def check_kwargs(kwargs: Mapping[str, object], sizes: Mapping[str, object], path: Path) -> None:
    """What a file says of its model and what its tensors show must be the same, as far as it says it.

    Raises:
        BundleError: They differ.
    """
    for name, found in sizes.items():
        said = kwargs.get(name)
        if said is not None and said != found:
            raise BundleError(f"checkpoint {path} says {name} is {quoted(said)}, but its tensors show {found}")


def listed(names: list[str]) -> str:
    """The first few, and how many more there are."""
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f", and {more} more" if more > 0 else "")


def shape_of(state: Mapping[str, Tensor], name: str, n_axes: int, path: Path) -> tuple[int, ...]:
    """Shape of a weight that must be there.

    Raises:
        BundleError: It is missing, or has another number of axes, or one of them is empty.
    """
    if name not in state:
        raise BundleError(f"checkpoint {path} does not fit its model: weights 1 missing ({name})")
    shape = tuple(state[name].shape)
    if len(shape) != n_axes or 0 in shape:
        raise BundleError(f"checkpoint {path}: {name} has shape {shape}, expected {n_axes} axes, none of them empty")
    return shape


def count_of(state: Mapping[str, Tensor], pattern: str, *, first: int, path: Path) -> int:
    """How many numbered parts a model has: `pattern` finds each one's number, counted from `first` without a gap.

    Raises:
        BundleError: There is none, or a gap.
    """
    numbers = {int(found[1]) for name in state if (found := re.fullmatch(pattern, name))}
    if not numbers or numbers != set(range(first, first + len(numbers))):
        told = ", ".join(str(number) for number in sorted(numbers)[:_LISTED]) or "none"
        raise BundleError(f"checkpoint {path}: its parts {pattern!r} are not numbered from {first} on; found {told}")
    return len(numbers)


def refuse_variants(kwargs: Mapping[str, object], *, known: frozenset[str], path: Path) -> None:
    """Refuse, by name, a model with inputs or switches beyond the published ones (FiLM conditioning, controls, …).

    Raises:
        BundleError: An argument that is not `known` has a value other than nothing, 0 or False.
    """
    extra = [f"{name} = {quoted(value)}" for name, value in kwargs.items() if name not in known and value]
    if extra:
        raise BundleError(f"checkpoint {path} is a variant that cannot be read: {listed(extra)}")
