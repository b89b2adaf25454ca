"""Which checkpoint is which: files, run folders and bundles in any order become a codec, a coarse and a fine model.

Files are recognised by what is in them, never by their name alone; see `engine.checkpoints` for the published formats
and `engine.training.checkpoints` for our own.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..engine.bundle import MANIFEST, load_bundle
from ..engine.checkpoints.archives import Archive, read_outline
from ..engine.checkpoints.published import identify, read_vampnet, read_waveform_codec
from ..engine.checkpoints.weights import ADAPTER_A, ADAPTER_B, is_adapter_name
from ..engine.errors import BundleError
from ..engine.library import CHECKPOINT_SUFFIXES
from ..engine.nets.transformer import TokenTransformer
from ..engine.training.checkpoints import read_codec, read_transformer, run_kind
from ..engine.weights_record import sha256_of
from .bundle_codec import BundleCodec, codec_of
from .checkpoint_files import checkpoints_in
from .models import Codec, Models, codebooks_of

Part = Literal["codec", "coarse", "fine"]
Form = Literal["published", "run", "bundle"]

PARTS: tuple[Part, ...] = ("codec", "coarse", "fine")
_TRANSFORMERS: tuple[Part, ...] = ("coarse", "fine")
_HINTS: dict[Part, str] = {
    "codec": "codec.pth, RUN/last.pt of stage `codec`, or a bundle whose codec to take",
    "coarse": "coarse.pth, or RUN/last.pt of stage `coarse`",
    "fine": "c2f.pth, or RUN/last.pt of stage `fine`",
}
_NAMED: dict[Part, tuple[str, ...]] = {"coarse": ("coarse",), "fine": ("c2f", "fine")}


@dataclass(frozen=True)
class Source:
    """One recognised file or bundle; `outline` holds the names and shapes in a published one."""

    part: Part | Literal["adapter"]
    form: Form
    path: Path
    outline: Archive | None = None


@dataclass(frozen=True)
class Sources:
    """All that a bundle is made from.

    Attributes:
        parts: One source for each of PARTS.
        adapters: Adapter files, by the part that they go over.
        passed_over: What lay in a folder and was not understood, with the reason.
    """

    parts: dict[Part, Source]
    adapters: dict[Part, Path] = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()


def find_sources(paths: Sequence[Path]) -> Sources:
    """Recognise checkpoints.

    Args:
        paths: Files (published checkpoints, adapters, `last.pt` of a run, zipped bundles) and folders (of such files,
            of a run, of several runs, of a bundle), in any order. Whatever else lies in a folder is passed over.

    Raises:
        BundleError: A named file is nothing known; a part is missing or there twice; an adapter fits nothing.
    """
    found: list[Source] = []
    passed_over: list[str] = []
    for path in paths:
        if not path.is_dir() or _is_bundle(path):
            found.append(_recognise(path))
            continue
        inside = checkpoints_in(path)
        if not inside:
            raise BundleError(
                f"{path} holds no checkpoints: no {', '.join(CHECKPOINT_SUFFIXES)} file, no run, no bundle"
            )
        for seen in map(_look_at, inside):
            if isinstance(seen, Source):
                found.append(seen)
            else:
                passed_over.append(seen)
    parts = {part: _only(part, found, passed_over) for part in PARTS}
    adapters: dict[Part, Path] = {}
    for source in found:
        if source.part == "adapter":
            part = _part_for(source, parts)
            if part in adapters:
                raise BundleError(f"two adapters fit the {part} model: {adapters[part]} and {source.path}; give one")
            adapters[part] = source.path
    return Sources(parts, adapters, tuple(passed_over))


def read_models(sources: Sources) -> Models:
    """Read the weights, on the CPU in float32, adapters added.

    Raises:
        BundleError: A file is damaged or a variant, or does not fit the codec.
    """
    codec = _read_codec(sources.parts["codec"])
    return Models(codec, _read_tokens("coarse", sources, codec), _read_tokens("fine", sources, codec))


def origin_of(sources: Sources, codec: Codec) -> dict[str, str]:
    """For the manifest: the file of every part with its SHA-256, or the codec's bundle with its licence and origin."""
    origin: dict[str, str] = {}
    for part, source in sources.parts.items():
        if isinstance(codec, BundleCodec) and part == "codec":
            manifest = codec.manifest
            origin[part] = f"of the bundle {manifest.name}, licence {manifest.licence}"
            origin |= {f"{part}_{key}": value for key, value in manifest.origin.items()}
        else:
            origin[part] = _with_hash(source.path)
        if part in sources.adapters:
            origin[f"{part}_adapter"] = _with_hash(sources.adapters[part])
    return origin


def _is_bundle(path: Path) -> bool:
    if path.is_dir():
        return (path / MANIFEST).exists()
    try:
        with zipfile.ZipFile(path) as archive:
            return MANIFEST in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def _recognise(path: Path) -> Source:
    if _is_bundle(path):
        return Source("codec", "bundle", path)
    if (stage := run_kind(path)) is not None:
        return Source(stage, "run", path)
    outline = read_outline(path)
    kind = identify(outline)
    return Source("codec" if kind in {"lac", "dac"} else kind, "published", path, outline)  # type: ignore[arg-type]


def _look_at(path: Path) -> Source | str:
    """The file of a folder, or why it is passed over."""
    try:
        return _recognise(path)
    except BundleError as error:
        return f"{path.name}: {error}"


def _only(part: Part, found: Iterable[Source], passed_over: Sequence[str]) -> Source:
    fitting = [source for source in found if source.part == part]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = " and ".join(str(source.path) for source in fitting)
        raise BundleError(f"there are {len(fitting)} {part} models, {names}: give one of them")
    there = ", ".join(f"{source.part} ({source.path.name})" for source in found) or "nothing"
    told = f"; passed over: {'; '.join(passed_over)}" if passed_over else ""
    raise BundleError(f"there is no {part} model: give {_HINTS[part]}; found {there}{told}")


def _part_for(adapter: Source, parts: dict[Part, Source]) -> Part:
    """The transformer that an adapter goes over: the one whose every adapted weight it has, in its shape.

    Where it fits both, its file name decides.
    """
    fitting = [part for part in _TRANSFORMERS if _fits(adapter, parts[part])]
    if len(fitting) > 1:
        fitting = [part for part in fitting if any(word in adapter.path.name.lower() for word in _NAMED[part])]
        if len(fitting) != 1:
            raise BundleError(
                f"adapter {adapter.path} fits the coarse and the fine model: put `coarse` or `c2f` into its name"
            )
    if not fitting:
        raise BundleError(
            f"adapter {adapter.path} fits neither {parts['coarse'].path} nor {parts['fine'].path}: "
            "give the model that it was trained over"
        )
    return fitting[0]


def _fits(adapter: Source, model: Source) -> bool:
    if adapter.outline is None or model.outline is None:
        return False
    given, weights = adapter.outline.state, model.outline.state
    modules = {name.rpartition(".")[0] for name in given}
    adapted = {name.rpartition(".")[0] for name in weights if is_adapter_name(name)}
    if adapted and modules != adapted:
        return False
    return all(
        f"{module}.weight" in weights
        and module + ADAPTER_A in given
        and module + ADAPTER_B in given
        and (given[module + ADAPTER_B].shape[0], given[module + ADAPTER_A].shape[-1])
        == tuple(weights[f"{module}.weight"].shape)
        for module in modules
    )


def _read_codec(source: Source) -> Codec:
    if source.form == "bundle":
        return codec_of(load_bundle(source.path))
    return read_codec(source.path) if source.form == "run" else read_waveform_codec(source.path)


def _read_tokens(part: Part, sources: Sources, codec: Codec) -> TokenTransformer:
    source = sources.parts[part]
    if source.form == "run":
        return read_transformer(source.path)
    return read_vampnet(source.path, codebooks_of(codec), adapter=sources.adapters.get(part))


def _with_hash(path: Path) -> str:
    return f"{path.name}, SHA-256 {sha256_of(path)}"
