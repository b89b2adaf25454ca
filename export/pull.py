"""Fetches the published model and its fine-tunes into the library: what is wanted, what is there, the rest.

Asking the user is the command line's business; nothing is fetched before `fetch` is called with a plan. A file gets its
name when all of it is there and its SHA-256 is the hub's; until then it is a hidden `.part` beside it, which the next
run goes on with.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..engine.errors import DownloadError, PathError, SettingError
from ..engine.library import PUBLISHED, Library
from ..engine.weights_record import KnownFile, WeightsRecord, read_record, sha256_of, write_record
from .hub import MAIN, Hub, RemoteFile
from .store_convert import BEATS, CODEC

REPOSITORY = "hugggof/vampnet"
LICENCE = "CC-BY-NC-SA-4.0"
LICENCE_WORDS = (
    "CC BY-NC-SA 4.0, https://creativecommons.org/licenses/by-nc-sa/4.0/: not for commercial use, name the authors, "
    "share what you make of the weights under the same licence"
)
TRANSFORMERS = ("coarse.pth", "c2f.pth")

_FINE_TUNES = "loras"
_SPARE_BYTES = 64 * 2**20
OnProgress = Callable[[int, int], None]
"""Called with the bytes that are there and those of all files together."""


@dataclass(frozen=True)
class WantedFile:
    """A file that a model needs: of which model in the library, its name there, and what it is on the hub."""

    model: str
    name: str
    remote: RemoteFile


@dataclass(frozen=True)
class Plan:
    """What pulling a model means.

    Attributes:
        name: Of the model.
        files: All that it needs, also what is there already.
        present: Those that are there, whole.
        bytes_begun: Of the others, so many bytes are there from an earlier try.
    """

    name: str
    files: tuple[WantedFile, ...]
    present: frozenset[WantedFile]
    bytes_begun: int

    @property
    def bytes_total(self) -> int:
        """Of all files."""
        return sum(file.remote.size for file in self.files)

    @property
    def bytes_missing(self) -> int:
        """What is still to be fetched."""
        return sum(file.remote.size for file in self.files if file not in self.present) - self.bytes_begun


def check_pullable(name: str) -> str:
    """The name, if the hub could have such a model.

    Raises:
        SettingError: It is neither `vampnet` nor `vampnet/NAME`.
    """
    if name == PUBLISHED or (name.startswith(f"{PUBLISHED}/") and name.count("/") == 1 and not name.endswith("/")):
        return name
    raise SettingError(f"only {PUBLISHED} and its fine-tunes {PUBLISHED}/NAME can be pulled, got {name!r}")


def is_whole(library: Library, name: str, *, wavebeat: bool = False) -> bool:
    """Whether all that the model needs is in the library with the right hashes. Needs no network."""
    record = _own_record(library, name)
    if record is None or (wavebeat and name == PUBLISHED and BEATS not in record.files):
        return False
    if name == PUBLISHED and not {CODEC, *TRANSFORMERS} <= set(record.files):
        return False
    if not _all_whole(record, library.checkpoint_place(name), record.files):
        return False
    wanted = {*record.base, *([BEATS] if wavebeat and name != PUBLISHED else [])}
    if not wanted:
        return True
    base = _own_record(library, PUBLISHED)
    return base is not None and _all_whole(base, library.checkpoint_place(PUBLISHED), wanted)


def make_plan(library: Library, hub: Hub, name: str, *, wavebeat: bool = False) -> Plan:
    """Ask the hub what the model consists of, and look at what is there. Nothing is fetched but the files' names.

    Raises:
        DownloadError: The hub cannot be reached, or has no such model.
        PathError: There are weights of that name that were not pulled.
    """
    files = tuple(_wanted_files(hub, name, wavebeat=wavebeat))
    for model in {file.model for file in files}:
        _check_ours(library, model)
    present = frozenset(file for file in files if _is_there(library, file))
    begun = sum(_begun(library, file) for file in files if file not in present)
    return Plan(name, files, present, begun)


def fetch(library: Library, hub: Hub, plan: Plan, *, on_progress: OnProgress) -> None:
    """Bring what is missing.

    Raises:
        DownloadError: See `Hub.fetch`; also content with another hash than the hub's, which is deleted.
        PathError: The disk is too full or refuses.
    """
    _check_space(library, plan)
    _note(library, hub, plan)
    done = sum(file.remote.size for file in plan.present)
    for file in plan.files:
        if file in plan.present:
            continue
        before = done
        _fetch_file(library, hub, file, lambda have, before=before: on_progress(before + have, plan.bytes_total))  # type: ignore[misc]
        done += file.remote.size


def _wanted_files(hub: Hub, name: str, *, wavebeat: bool) -> Iterable[WantedFile]:
    """Every file with the same commit, so that no half of an update is mixed with the other."""
    codec = _must_find(hub, CODEC, MAIN)
    yield WantedFile(PUBLISHED, CODEC, codec)
    tuned: dict[str, RemoteFile] = {}
    if name != PUBLISHED:
        tuned = _fine_tune(hub, name, codec.revision)
        for file_name, remote in tuned.items():
            yield WantedFile(name, file_name, remote)
    for file_name in TRANSFORMERS:
        if file_name not in tuned:
            yield WantedFile(PUBLISHED, file_name, _must_find(hub, file_name, codec.revision))
            continue
        base = hub.find(file_name, revision=codec.revision)
        # Adapters alone are a small part of the model that they go over, which is then needed too.
        if base is not None and tuned[file_name].size < base.size / 2:
            yield WantedFile(PUBLISHED, file_name, base)
    if wavebeat:
        yield WantedFile(PUBLISHED, BEATS, _must_find(hub, BEATS, codec.revision))


def _must_find(hub: Hub, path: str, revision: str) -> RemoteFile:
    found = hub.find(path, revision=revision)
    if found is None:
        raise DownloadError(f"{hub.address} has no {path}")
    return found


def _fine_tune(hub: Hub, name: str, revision: str) -> dict[str, RemoteFile]:
    short = name.partition("/")[2]
    found = {file: hub.find(f"{_FINE_TUNES}/{short}/{file}", revision=revision) for file in TRANSFORMERS}
    there = {file: remote for file, remote in found.items() if remote is not None}
    if there:
        return there
    paths = [path.split("/") for path in hub.paths()]
    names = sorted({path[1] for path in paths if len(path) == 3 and path[0] == _FINE_TUNES})
    known = ", ".join(f"{PUBLISHED}/{other}" for other in names) or "none"
    raise DownloadError(f"{hub.address} has no fine-tune {short!r}; there are: {known}")


def _check_ours(library: Library, model: str) -> None:
    place = library.checkpoint_place(model)
    if (
        place.exists()
        and any(not path.name.startswith(".") for path in place.iterdir())
        and (_own_record(library, model) is None)
    ):
        raise PathError(
            f"there are weights named {model!r} at {place} that were not pulled from {REPOSITORY}: make room with "
            f"`vampbridge models remove {model}`"
        )


def _own_record(library: Library, model: str) -> WeightsRecord | None:
    record = read_record(library.checkpoint_place(model))
    return record if record is not None and record.origin.endswith(f"/{REPOSITORY}") else None


def _all_whole(record: WeightsRecord, folder: Path, names: Iterable[str]) -> bool:
    if not set(names) <= set(record.files):
        return False
    wanted = replace(record, files={name: record.files[name] for name in names})
    return all(state == "whole" for state in wanted.states(folder, check_hashes=True).values())


def _is_there(library: Library, file: WantedFile) -> bool:
    path = library.checkpoint_place(file.model) / file.name
    try:
        return path.stat().st_size == file.remote.size and sha256_of(path) == file.remote.sha256
    except OSError:
        return False


def _part(library: Library, file: WantedFile) -> Path:
    """Named after the content, so that another version of the file is not gone on with."""
    return library.checkpoint_place(file.model) / f".{file.name}.{file.remote.sha256[:16]}.part"


def _begun(library: Library, file: WantedFile) -> int:
    try:
        return min(_part(library, file).stat().st_size, file.remote.size)
    except OSError:
        return 0


def _check_space(library: Library, plan: Plan) -> None:
    folder = library.root
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if plan.bytes_missing and free < plan.bytes_missing + _SPARE_BYTES:
        raise PathError(
            f"{library.root} has {free / 1e6:,.0f} MB free, {plan.name} needs {plan.bytes_missing / 1e6:,.0f} MB: "
            "make room, or set VAMPBRIDGE_CACHE to a folder on another disk"
        )


def _note(library: Library, hub: Hub, plan: Plan) -> None:
    """Write down what belongs to each model before its first byte is there.

    What was noted before of the same version stays; of another one it would be mixed with this one.
    """
    base = tuple(file.name for file in plan.files if file.model != plan.name)
    for model in sorted({file.model for file in plan.files}):
        place = library.checkpoint_place(model)
        before = _own_record(library, model)
        own = [file for file in plan.files if file.model == model]
        revision = own[0].remote.revision
        files = dict(before.files) if before is not None and before.revision == revision else {}
        files |= {file.name: KnownFile(file.remote.size, file.remote.sha256) for file in own}
        record = WeightsRecord(hub.address, LICENCE, revision, files, base if model == plan.name else ())
        if record != before:
            write_record(place, record)


def _fetch_file(library: Library, hub: Hub, file: WantedFile, on_bytes: Callable[[int], None]) -> None:
    part = _part(library, file)
    place = part.parent / file.name
    try:
        for stale in part.parent.glob(f".{file.name}.*.part"):
            if stale != part:
                stale.unlink()
    except OSError as error:
        raise PathError(f"cannot write {place}: {error.strerror or error}") from error
    hub.fetch(file.remote, part, on_bytes=on_bytes)
    try:
        if sha256_of(part) != file.remote.sha256:
            part.unlink()
            raise DownloadError(
                f"{file.remote.path} came damaged from {hub.endpoint}: its SHA-256 is not the hub's. It was deleted; "
                "run the same command again"
            )
        part.replace(place)
    except OSError as error:
        raise PathError(f"cannot write {place}: {error.strerror or error}") from error
