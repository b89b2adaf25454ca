"""What `vampbridge models` tells of models, bundles and checkpoints: plain values for people and for JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..engine.bundle import Manifest, embedded_folder, load_bundle, read_manifest
from ..engine.errors import BundleError, VampbridgeError
from ..engine.library import CHECKPOINT_SUFFIXES, StoredModel, damage_of
from ..engine.units import seconds_for_samples
from ..engine.weights_record import WeightsRecord, read_record, sha256_of
from .checkpoint_files import checkpoint_files

_NEEDS_TORCH = "kinds and parameter counts are told with PyTorch: pip install 'vampbridge[models]'"
# Which axis of which published tensor has a size's name.
_TELLING = {
    "codebooks": ("embedding.special.MASK", 0),
    "latent_dim": ("embedding.special.MASK", 1),
    "width": ("embedding.out_proj.weight", 0),
    "heads": ("transformer.layers.0.self_attn.relative_attention_bias.weight", 1),
    "classes": ("classifier.layers.0.bias", 0),
    "codebook_entries": ("quantizer.quantizers.0.codebook.weight", 0),
    "codebook_dim": ("quantizer.quantizers.0.codebook.weight", 1),
}
_COUNTED = {
    "layers": r"transformer\.layers\.(\d+)\.",
    "codec_codebooks": r"quantizer\.quantizers\.(\d+)\.",
    "adapters": r"(.*)\.lora_A$",
}
Facts = dict[str, Any]


def overview(model: StoredModel) -> Facts:
    """One line of the list; reads no weights and checks no hashes."""
    facts: Facts = {"name": model.name, "state": "ready", "precision": None, "licence": None}
    bundle = embedded_folder() if model.is_embedded else model.bundle
    facts |= {"bundle": _text(bundle), "bundle_bytes": None if bundle is None else bytes_in(bundle)}
    facts["checkpoints"] = _text(model.checkpoints)
    facts["checkpoint_bytes"] = None if model.checkpoints is None else bytes_in(model.checkpoints)
    if model.checkpoints is not None:
        record = read_record(model.checkpoints)
        facts["licence"] = None if record is None else record.licence
        facts["state"] = _state_of(record, model.checkpoints)
    if bundle is None:
        return facts
    try:
        manifest = read_manifest(model.bundle)
    except BundleError as error:
        return facts | {"state": f"damaged: {error}"}
    return facts | {"state": "ready", "licence": manifest.licence, "precision": _precision(manifest)}


def model_facts(model: StoredModel) -> Facts:
    """All that is known of a model of the library, hashes checked. Damage is told, not raised."""
    facts: Facts = {"name": model.name}
    if model.bundle is not None and (damage := damage_of(model)):
        facts["bundle"] = {"path": str(model.bundle), "bytes": bytes_in(model.bundle), "sha256": f"damaged: {damage}"}
    elif model.bundle is not None or model.is_embedded:
        facts["bundle"] = bundle_facts(model.bundle)
    if model.checkpoints is not None:
        record = read_record(model.checkpoints)
        facts["checkpoints"] = checkpoint_facts(model.checkpoints, record)
    return facts


def path_facts(path: Path) -> Facts:
    """The same of a bundle, a checkpoint or a folder of checkpoints anywhere.

    Raises:
        BundleError: Nothing of that kind is there.
    """
    if checkpoint_files(path):
        return {"checkpoints": checkpoint_facts(path, read_record(path))}
    if path.is_file() and path.suffix in CHECKPOINT_SUFFIXES:
        return {"checkpoints": {"path": str(path), "bytes": path.stat().st_size, "files": [_file_facts(path, None)]}}
    return {"bundle": bundle_facts(path)}


def bundle_facts(path: Path | None) -> Facts:
    """A bundle; None is the embedded one.

    Raises:
        BundleError: There is none, or its manifest cannot be read. Damaged files are told, not raised.
    """
    manifest = read_manifest(path)
    try:
        load_bundle(path)
        state = "whole"
    except BundleError as error:
        state = f"damaged: {error}"
    folder = path or embedded_folder()
    window_s = {
        part: round(seconds_for_samples(frames * manifest.hop, manifest.sample_rate), 2)
        for part, frames in (("coarse", manifest.coarse_context), ("fine", manifest.fine_context))
    }
    return {
        "path": str(folder),
        "bytes": bytes_in(folder),
        "name": manifest.name,
        "licence": manifest.licence,
        "origin": manifest.origin,
        "sha256": state,
        "sample_rate": manifest.sample_rate,
        "hop": manifest.hop,
        "codebooks": manifest.n_codebooks,
        "coarse_codebooks": manifest.n_coarse,
        "vocabulary": manifest.vocabulary,
        "window_s": window_s,
        "precision": manifest.precision,
        "checks": manifest.checks,
    }


def checkpoint_facts(folder: Path, record: WeightsRecord | None) -> Facts:
    """A folder of weights: every file with its hash, its kind and its sizes."""
    names = sorted({path.name for path in checkpoint_files(folder)} | set(record.files if record else ()))
    facts: Facts = {"path": str(folder), "bytes": bytes_in(folder)}
    if record is not None:
        facts |= {"licence": record.licence, "origin": record.origin, "revision": record.revision}
        facts["needs"] = list(record.base)
    return facts | {"files": [_file_facts(folder / name, record) for name in names]}


def bytes_in(path: Path) -> int:
    """Disk use of a file, or of all files in a folder; links are counted as nothing."""
    if path.is_file():
        return path.stat().st_size
    return sum(inner.lstat().st_size for inner in path.rglob("*") if inner.is_file() and not inner.is_symlink())


def _file_facts(path: Path, record: WeightsRecord | None) -> Facts:
    known = record.files.get(path.name) if record else None
    if not path.is_file():
        return {"file": path.name, "bytes": 0, "sha256_state": "missing"}
    digest = sha256_of(path)
    state = "unknown" if known is None else "whole" if known.sha256 == digest else "damaged"
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": digest, "sha256_state": state} | _inside(path)


def _inside(path: Path) -> Facts:
    """Kind, parameter count and sizes, as far as this can be told without running anything."""
    try:
        import torch  # noqa: F401
    except ImportError:
        return {"note": _NEEDS_TORCH}
    from ..engine.checkpoints.archives import read_outline
    from ..engine.checkpoints.published import identify
    from ..engine.training.checkpoints import run_kind

    try:
        stage = run_kind(path)
        if stage is not None:
            return {"kind": f"{stage}, of a training run"}
        outline = read_outline(path)
        shapes = {name: list(tensor.shape) for name, tensor in outline.state.items()}
        return {
            "kind": identify(outline),
            "parameters": sum(math.prod(shape) for shape in shapes.values()),
            "sizes": _sizes(shapes),
            "says": {name: _plain(value) for name, value in outline.kwargs.items() if value is not None},
        }
    except VampbridgeError as error:
        return {"note": str(error)}


def _sizes(shapes: Mapping[str, list[int]]) -> Facts:
    """The telling sizes, from the shapes of the published tensors that are there."""
    sizes: Facts = {}
    for name, (tensor, axis) in _TELLING.items():
        if len(shapes.get(tensor, ())) > axis:
            sizes[name] = shapes[tensor][axis]
    for name, pattern in _COUNTED.items():
        if count := len({found[1] for tensor in shapes if (found := re.match(pattern, tensor))}):
            sizes[name] = count
    return sizes


def _plain(value: object) -> object:
    """What JSON can hold."""
    from ..engine.checkpoints.pickles import quoted

    return value if isinstance(value, (bool, int)) else quoted(value)


def _state_of(record: WeightsRecord | None, folder: Path) -> str:
    """Of weights without a bundle."""
    states = record.states(folder, check_hashes=False).values() if record is not None else ()
    return "incomplete" if set(states) - {"unchecked"} else "not converted"


def _precision(manifest: Manifest) -> str:
    """Codec and transformers in a word each, such as `fp16/int8`."""
    stored: Mapping[str, str] = manifest.precision
    return "/".join(dict.fromkeys(stored.get(graph, "?") for graph in ("decoder", "coarse")))


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
