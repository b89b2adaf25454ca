"""The library of models: names for bundles, and where bundles and checkpoints lie in the cache folder of this machine.

    bundles/NAME, bundles/NAME.zip  what can be played
    checkpoints/NAME/               weights that bundles are made from, with a record of where they came from

Names are `choir`, or `vampnet/choir` for a fine-tune of vampnet; see `model_names` for the folders' own.
`default` is the bundle that ships with the package. Nothing here needs torch or a network, and nothing is ever changed
outside the cache folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from .bundle import DEFAULT_NAME, MANIFEST, load_bundle, read_manifest
from .errors import BundleError, PathError, SettingError
from .library_files import children, delete, is_taken, names_for, put_in_place
from .model_names import check_name, folder_of, is_name, name_in
from .weights_record import KnownFile, WeightsRecord, sha256_of, write_record

CACHE_VARIABLE = "VAMPBRIDGE_CACHE"
PUBLISHED = "vampnet"
"""Name of the published model, which `vampbridge models pull` fetches."""
CHECKPOINT_SUFFIXES = (".pth", ".pt", ".ckpt")
ZIP = ".zip"


@dataclass(frozen=True)
class StoredModel:
    """What the library has under one name.

    Attributes:
        name: As the user writes it.
        bundle: Folder or .zip that can be played, unless it is damaged; None if there is none yet.
        checkpoints: Folder of weights; None if there is none.
    """

    name: str
    bundle: Path | None = None
    checkpoints: Path | None = None

    @property
    def is_embedded(self) -> bool:
        """Whether it ships with the package and so cannot be changed."""
        return self.name == DEFAULT_NAME


def cache_folder() -> Path:
    """Where models are kept: the variable VAMPBRIDGE_CACHE, read at every call, or the platform's cache folder."""
    given = os.environ.get(CACHE_VARIABLE, "").strip()
    return Path(given).expanduser() if given else platformdirs.user_cache_path("vampbridge", appauthor=False)


def open_library() -> Library:
    """The library in `cache_folder()`. Nothing is made on the disk."""
    return Library(cache_folder().absolute())


def resolve(name_or_path: str | Path | None) -> Path | None:
    """Folder or .zip of the bundle that a user means; None is the one that ships with the package.

    A name that the library knows comes before a path: `./NAME` always means the path.

    Raises:
        BundleError: No such name and no such path, or weights that are not converted yet; says what to do.
    """
    return open_library().resolve(name_or_path)


@dataclass(frozen=True)
class Library:
    """One cache folder. `root` need not exist."""

    root: Path

    @property
    def bundles(self) -> Path:
        """Folder of bundles."""
        return self.root / "bundles"

    @property
    def checkpoints(self) -> Path:
        """Folder of folders of weights."""
        return self.root / "checkpoints"

    def bundle_place(self, name: str) -> Path:
        """Where the bundle of that name lies or would lie."""
        folder = self.bundles / folder_of(name)
        packed = folder.with_name(f"{folder.name}{ZIP}")
        return packed if packed.exists() and not is_taken(folder) else folder

    def checkpoint_place(self, name: str) -> Path:
        """Where the weights of that name lie or would lie."""
        return self.checkpoints / folder_of(name)

    def models(self) -> list[StoredModel]:
        """Everything there is, by name, the embedded model first."""
        names = {name_in(path.name.removesuffix(ZIP)) for path in children(self.bundles)}
        names |= {name_in(path.name) for path in children(self.checkpoints) if path.is_dir()}
        found = [self.find(name) for name in sorted(names - {""})]
        return [StoredModel(DEFAULT_NAME), *(model for model in found if model and not model.is_embedded)]

    def find(self, name: str) -> StoredModel | None:
        """What there is under a name, whole or damaged; None if there is nothing or it is no name."""
        if name == DEFAULT_NAME:
            return StoredModel(name)
        if not is_name(name):
            return None
        bundle, checkpoints = self.bundle_place(name), self.checkpoint_place(name)
        found = StoredModel(name, bundle if is_taken(bundle) else None, checkpoints if checkpoints.is_dir() else None)
        return None if found.bundle is None and found.checkpoints is None else found

    def resolve(self, name_or_path: str | Path | None) -> Path | None:
        """See the function of that name."""
        if name_or_path is None:
            return None
        text = str(name_or_path)
        model = self.find(text)
        if model is not None and (model.is_embedded or model.bundle is not None):
            if damage := damage_of(model):
                raise BundleError(f"the model {text!r} is damaged: {damage}. {how_to_mend(model)}")
            return model.bundle
        path = Path(text).expanduser()
        if model is None and (path.exists() or not is_name(text) or path.suffix == ZIP):
            return path.absolute()  # reading it says what is wrong with it, if anything is
        if model is not None:
            raise BundleError(f"{text!r} has weights but no bundle yet: vampbridge models convert {text}")
        raise BundleError(self.unknown(text))

    def unknown(self, name: str) -> str:
        """What to tell about a name that is not here: what is, and how more get here."""
        known = ", ".join(model.name for model in self.models())
        other = name if name == PUBLISHED or name.startswith(f"{PUBLISHED}/") else PUBLISHED
        return (
            f"there is no model {name!r}, as a name or as a path; known names: {known}. "
            f"`vampbridge models pull {other}` fetches the published model, "
            "`vampbridge models add PATH` takes one of yours"
        )

    def add_bundle(self, path: Path, name: str = "") -> StoredModel:
        """Check a bundle and copy it into the library.

        Args:
            path: Folder or .zip.
            name: By default that in its manifest.

        Raises:
            BundleError: It is damaged or no bundle.
            SettingError: No usable name.
            PathError: The name is taken, or the disk refuses.
        """
        bundle = load_bundle(path)
        name = self.check_free(name or bundle.manifest.name)
        packed = path.is_file()
        place = self.bundles / f"{folder_of(name)}{ZIP if packed else ''}"

        def copy(part: Path) -> None:
            if packed:
                shutil.copyfile(path, part)
                return
            part.mkdir()
            for file in (MANIFEST, *bundle.manifest.files):
                shutil.copyfile(path / file, part / file)

        put_in_place(place, copy)
        return StoredModel(name, place)

    def add_checkpoints(self, files: Sequence[Path], name: str, *, licence: str = "unstated") -> StoredModel:
        """Copy weights into the library; what is in them is not looked at.

        Raises:
            SettingError: No usable name.
            PathError: The name is taken, a file is missing or there twice, or the disk refuses.
        """
        name = self.check_free(name)
        place = self.checkpoint_place(name)
        named = names_for(files)

        def copy(part: Path) -> None:
            part.mkdir()
            known = {}
            for file_name, path in named.items():
                shutil.copyfile(path, part / file_name)
                known[file_name] = KnownFile((part / file_name).stat().st_size, sha256_of(part / file_name))
            origin = ", ".join(sorted({str(path.absolute().parent) for path in named.values()}))
            write_record(part, WeightsRecord(f"added from {origin}", licence, files=known))

        put_in_place(place, copy)
        return StoredModel(name, None, place)

    def check_free(self, name: str) -> str:
        """The name, if something new may be put there.

        Raises:
            SettingError: Not a name, or that of the embedded model.
            PathError: It is taken.
        """
        check_name(name)
        if name == DEFAULT_NAME:
            raise SettingError(
                f"the name {name!r} is that of the model that ships with Vampbridge: give another with --name"
            )
        found = self.find(name)
        if found is not None and (damage := damage_of(found)):
            raise PathError(f"there is a damaged model {name!r}: {damage}. {how_to_mend(found)}")
        if found is not None:
            raise PathError(
                f"there is a model {name!r} already: choose another name with --name, "
                f"or make room with `vampbridge models remove {name}`"
            )
        return name

    def remove(self, model: StoredModel) -> None:
        """Delete a model's bundle and weights. A link is deleted, never what it points to.

        Raises:
            SettingError: It is the embedded model.
            PathError: It lies outside the cache folder, or the disk refuses.
        """
        if model.is_embedded:
            raise SettingError(f"the model {model.name!r} ships with Vampbridge and cannot be removed")
        for place in (model.bundle, model.checkpoints):
            if place is not None:
                self._check_inside(place)
        for place in (model.bundle, model.checkpoints):
            if place is not None:
                delete(place)

    def _check_inside(self, place: Path) -> None:
        """Refuse all but direct children of the two folders, and these where a link leads them elsewhere."""
        shelves = {shelf.resolve() for shelf in (self.bundles, self.checkpoints)}
        root = self.root.resolve()
        if place.parent.resolve() not in shelves or any(shelf.parent != root for shelf in shelves):
            raise PathError(f"{place} is outside the cache folder {self.root}: nothing was removed")


def damage_of(model: StoredModel) -> str:
    """What is wrong with a model's bundle, as far as its manifest tells; empty if nothing is or there is none."""
    if model.bundle is None:
        return ""
    try:
        read_manifest(model.bundle)
    except BundleError as error:
        return str(error)
    return ""


def how_to_mend(model: StoredModel) -> str:
    """What to tell about a model whose bundle is damaged. Its weights, if they are here, need not go."""
    name = model.name
    if model.checkpoints is not None:
        return f"`vampbridge models convert {name} --force` makes it anew of its weights"
    return f"`vampbridge models remove {name}` makes room for it to be added again"
