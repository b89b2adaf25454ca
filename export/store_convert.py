"""Weights to a bundle in the library: which files make a model, and whether a bundle is made of those there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..engine.bundle import MANIFEST, read_manifest
from ..engine.errors import BundleError, MissingDependencyError, SettingError
from ..engine.library import CHECKPOINT_SUFFIXES, Library, StoredModel, damage_of
from ..engine.model_names import check_name
from ..engine.weights_record import read_record
from .checkpoint_files import checkpoint_files, checkpoints_in
from .options import UNSTATED, ExportOptions
from .placing import is_bundle_at
from .tolerances import TOKEN_PRECISION

OnStage = Callable[[str], None]
CODEC = "codec.pth"
BEATS = "wavebeat.pth"
NOT_FOR_BUNDLES = (BEATS,)
_PACKAGE = "torch.package"


@dataclass(frozen=True)
class ConvertOptions:
    """What a user may choose; `licence` and precisions as in `ExportOptions`, None and empty for the defaults."""

    name: str = ""
    licence: str = ""
    codec_precision: str | None = None
    token_precision: str | None = None
    overwrite: bool = False


@dataclass
class _Choice:
    """Files for one bundle, gathered from the most to the least preferred: the first of each part is taken."""

    files: list[Path] = field(default_factory=list)
    parts: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)

    def offer(self, path: Path, *, must: bool) -> None:
        """Take a file if its part is still open. One of the library that cannot be read is only noted."""
        try:
            part = _part_of(path)
        except BundleError as error:
            if must:
                raise
            self.unreadable.append(f"{path.name}: {error}")
            return
        if must or part not in self.parts:
            self.files.append(path)
        self.parts |= {part} - {"adapter"}


def check_can_convert() -> None:
    """Refuse before any work where PyTorch and the exporter are missing.

    Raises:
        MissingDependencyError: Says what to install.
    """
    try:
        import onnx  # noqa: F401
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError("converting weights needs PyTorch: pip install 'vampbridge[models]'") from error


def convert(library: Library, sources: Sequence[str], options: ConvertOptions, *, on_stage: OnStage) -> StoredModel:
    """Export checkpoints into the library.

    Args:
        library: Where the bundle goes.
        sources: Names of weights in the library, and paths of files, folders and runs, which come before those. A
            fine-tune `a/b` takes from `a` what it does not have.
        options: The name is by default the first of `sources`.
        on_stage: Told what is being done.

    Raises:
        SettingError, PathError, BundleError: See `export_checkpoints`; also no such weights, or a name that is taken.
        MissingDependencyError: PyTorch is not installed.
    """
    check_can_convert()
    named = [source for source in sources if _has_weights(library, source)]
    paths = [Path(source).expanduser() for source in sources if source not in named]
    name = _free_name(library, options, named, paths)
    choice = _Choice()
    for path in _expanded(paths):
        choice.offer(path, must=True)
    for path in _stored(library, named):
        choice.offer(path, must=False)
    from .checkpoints import export_checkpoints

    for reason in choice.unreadable:
        on_stage(f"passed over {reason}")
    _clear_ruin(library, name, on_stage)
    place = library.bundle_place(name)
    try:
        export_checkpoints(choice.files, place, _export_options(library, named, name, options), on_stage=on_stage)
    except BundleError as error:
        raise _explained(error, choice, sources) from error
    return StoredModel(name, place)


def _clear_ruin(library: Library, name: str, on_stage: OnStage) -> None:
    """Remove what has no manifest: an export replaces nothing but bundles, and nobody can play this."""
    found = library.find(name)
    if found is None or found.bundle is None or is_bundle_at(found.bundle):
        return
    on_stage(f"replacing what is left of a bundle: {damage_of(found)}")
    library.remove(replace(found, checkpoints=None))


def is_current(library: Library, name: str) -> bool:
    """Whether there is a bundle, made from the coarse and fine weights of that name that are in the library.

    The codec may have come from elsewhere: see `_explained`.
    """
    model = library.find(name)
    record = read_record(library.checkpoint_place(name))
    if model is None or model.bundle is None or record is None:
        return False
    try:
        made_from = " ".join(read_manifest(model.bundle).origin.values())
    except BundleError:
        return False
    wanted = [known.sha256 for file, known in record.files.items() if file not in (*NOT_FOR_BUNDLES, CODEC)]
    return all(digest in made_from for digest in wanted)


def _has_weights(library: Library, source: str) -> bool:
    model = library.find(source)
    if model is None or model.checkpoints is not None:
        return model is not None
    raise SettingError(f"{source!r} is a bundle already and can be played as it is; weights are what is converted")


def _free_name(library: Library, options: ConvertOptions, named: Sequence[str], paths: Sequence[Path]) -> str:
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise BundleError(library.unknown(str(missing[0])))
    name = options.name or (
        named[0] if named else (paths[0].absolute().name if paths[0].is_dir() else paths[0].absolute().stem)
    )
    check_name(name)
    found = library.find(name)
    if found is not None and (found.is_embedded or (found.bundle is not None and not options.overwrite)):
        cure = "choose another name with --name" if found.is_embedded else "replace it with --force, or use --name"
        raise SettingError(f"there is a bundle {name!r} already: {cure}")
    return name


def _expanded(paths: Sequence[Path]) -> Iterator[Path]:
    """Files, runs and bundles as they are; of other folders, the checkpoints in them."""
    for path in paths:
        if not path.is_dir() or (path / MANIFEST).exists():
            yield path
        else:
            inside = _for_bundles(checkpoints_in(path))
            if not inside:
                raise BundleError(f"{path} holds no checkpoints: no {', '.join(CHECKPOINT_SUFFIXES)} file, no run")
            yield from inside


def _stored(library: Library, named: Sequence[str]) -> Iterator[Path]:
    for name in named:
        base = name.partition("/")[0]
        for model in dict.fromkeys((name, base)):
            yield from _for_bundles(checkpoint_files(library.checkpoint_place(model)))


def _for_bundles(paths: Sequence[Path]) -> list[Path]:
    return [path for path in paths if path.name not in NOT_FOR_BUNDLES]


def _part_of(path: Path) -> str:
    """What a file is: codec, coarse, fine or adapter."""
    from ..engine.checkpoints.archives import read_outline
    from ..engine.checkpoints.published import identify
    from ..engine.training.checkpoints import run_kind

    if path.is_dir() or path.suffix == ".zip":
        return "codec"
    stage = run_kind(path)
    kind = stage if stage is not None else identify(read_outline(path))
    return "codec" if kind in {"lac", "dac"} else kind


def _export_options(library: Library, named: Sequence[str], name: str, options: ConvertOptions) -> ExportOptions:
    record = next((found for source in named if (found := read_record(library.checkpoint_place(source)))), None)
    origin = "" if record is None else f"{record.origin} at {record.revision}".removesuffix(" at ")
    licence = options.licence or (UNSTATED if record is None else record.licence)
    precision = options.token_precision or TOKEN_PRECISION
    return ExportOptions(name, licence, origin, options.codec_precision, precision, options.overwrite)


def _explained(error: BundleError, choice: _Choice, sources: Sequence[str]) -> BundleError:
    """The error; if a part is missing because its file may not be loaded, what to do about that instead."""
    packaged = [reason for reason in choice.unreadable if _PACKAGE in reason]
    if "codec" in choice.parts or not packaged:
        return error
    file = packaged[0].partition(":")[0]
    return BundleError(
        f"{file} is a torch.package archive, which runs Python code when it is loaded; Vampbridge never does that. On "
        "a machine where you trust it, load it with the package it came from and write torch.save({'state_dict': "
        "model.state_dict(), 'metadata': {'kwargs': {…the arguments of its constructor…}}}, 'codec_weights.pth'); then "
        f"run: vampbridge models convert {' '.join(sources)} codec_weights.pth"
    )
