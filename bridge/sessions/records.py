"""What a session keeps of a layer, a take and a run, and how each is written down. No files here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ...engine.errors import SettingError
from ...engine.take import Mask
from ..looper.config import LooperConfig
from .plain import RecordError, made, mask_from_dict, mask_to_dict, plain

_TAKE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LAYER_FILE = re.compile(r"layer-(\d{1,9})-(\d{1,12})\.wav")
_TAKE_FILE = re.compile(r"take-([a-z0-9][a-z0-9_-]{0,63})(?:\.(\d{1,9}))?\.wav")


@dataclass(frozen=True)
class RunInfo:
    """What one looper ran with. A session has several runs if it was opened again, or the audio process came back.

    Attributes:
        looper: Its sizes; frames and layer ids count anew with every looper.
        device: Of the sound, as the system calls it.
        bundle: Name of the model bundle.
        bundle_sha256: Fingerprint of its manifest.
    """

    looper: LooperConfig = field(default_factory=LooperConfig)
    device: str = ""
    bundle: str = ""
    bundle_sha256: str = ""

    @property
    def sample_rate(self) -> int:
        """Of layers and takes, in Hz."""
        return self.looper.sample_rate


@dataclass(frozen=True)
class AudioFacts:
    """What is known of a sound: (C, N) float32 at `sample_rate` Hz; `sha256` is of its samples as in the file."""

    n_frames: int
    n_channels: int
    sample_rate: int
    sha256: str


@dataclass(frozen=True)
class LayerRecord:
    """Something that was played in.

    Attributes:
        run: Which looper, from 1.
        layer_id: What that looper calls it, from 1.
        slot: From 0; -1 if nobody knows any more.
        kind: The state that made it: `recording`, `overdubbing` …
        parent_id: The layer it was played into, 0 for a first recording.
        frame: When it was complete, in frames of the run.
        audio: None if the sound was not kept.
    """

    run: int
    layer_id: int
    slot: int
    kind: str
    parent_id: int = 0
    frame: int = 0
    audio: AudioFacts | None = None

    @property
    def key(self) -> str:
        """Its name in the session: `L12`, in later runs `L2.12`."""
        return layer_key(self.run, self.layer_id)

    @property
    def file_name(self) -> str:
        """Of its sound."""
        return f"layer-{self.run}-{self.layer_id}.wav"


@dataclass(frozen=True)
class TakeRecord:
    """A variation.

    Attributes:
        run: Which looper, from 1.
        take_id: 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit.
        slot: It was made for; -1 if nobody knows any more.
        layer_id: The layer it was made from, 0 if it came from elsewhere.
        report: `TakeReport.to_dict()`, or what else tells how it was made: seed, settings, bundle, lineage, warnings …
        mask: (K, T) bool, True = regenerated.
        drawn_mask: (rows, columns) bool, as the user drew it.
        copy: From 1; another for every take of the same id that sounds otherwise.
        audio: None if the sound was not kept.
    """

    run: int
    take_id: str
    slot: int
    layer_id: int = 0
    report: dict[str, Any] = field(default_factory=dict)
    mask: Mask | None = field(default=None, compare=False)
    drawn_mask: Mask | None = field(default=None, compare=False)
    copy: int = 1
    audio: AudioFacts | None = None

    def __post_init__(self) -> None:
        if _TAKE_ID.fullmatch(self.take_id) is None:
            raise SettingError(f"take_id must be 1 to 64 of a-z, 0-9, - and _, got {self.take_id!r:.100}")

    @property
    def key(self) -> str:
        """Its name in the session: the take's id, for copies followed by .2 or .3."""
        return take_key(self.take_id, self.copy)

    @property
    def file_name(self) -> str:
        """Of its sound."""
        return f"take-{self.key}.wav"


Record = LayerRecord | TakeRecord


def layer_key(run: int, layer_id: int) -> str:
    """See `LayerRecord.key`."""
    return f"L{layer_id}" if run == 1 else f"L{run}.{layer_id}"


def take_key(take_id: str, copy: int) -> str:
    """See `TakeRecord.key`."""
    return take_id if copy == 1 else f"{take_id}.{copy}"


def record_to_entry(record: Record) -> dict[str, Any]:
    """A record as a journal entry."""
    if isinstance(record, LayerRecord):
        return {"kind": "layer", **rename_kind(asdict(record))}
    values = asdict(replace(record, mask=None, drawn_mask=None))
    masks = {"mask": mask_to_dict(record.mask), "drawn_mask": mask_to_dict(record.drawn_mask)}
    return {"kind": "take", **values, "report": plain(record.report), **masks}


def rename_kind(values: dict[str, Any]) -> dict[str, Any]:
    """`kind` is the entry's own word, so a layer's is written as `made_by`."""
    return {"made_by" if name == "kind" else name: value for name, value in values.items()}


def record_from_entry(entry: Mapping[str, Any]) -> Record:
    """What `record_to_entry` was given.

    Raises:
        RecordError: The entry is no layer and no take, or says something impossible.
    """
    audio = None if entry.get("audio") is None else _audio_facts(entry["audio"])
    if entry.get("kind") == "layer":
        layer = made(LayerRecord, {**entry, "kind": str(entry.get("made_by", "")), "audio": audio})
        _check_counts(layer.run, layer.layer_id, layer.slot + 1, layer.parent_id, layer.frame)
        return layer
    if entry.get("kind") != "take":
        raise RecordError(f"neither layer nor take: {entry.get('kind')!r:.100}")
    masks = {name: mask_from_dict(entry.get(name)) for name in ("mask", "drawn_mask")}
    try:
        take = made(TakeRecord, {**entry, **masks, "audio": audio})
    except SettingError as error:
        raise RecordError(str(error)) from error
    _check_counts(take.run, take.copy, take.slot + 1, take.layer_id)
    if not isinstance(take.report, dict):
        raise RecordError(f"a report must be an object, got {take.report!r:.100}")
    return take


def record_of_file(name: str) -> Record | None:
    """As much as the name of a sound file tells, if it is one of ours."""
    layer, take = _LAYER_FILE.fullmatch(name), _TAKE_FILE.fullmatch(name)
    if layer is not None:
        return LayerRecord(int(layer[1]), int(layer[2]), slot=-1, kind="recovered")
    return None if take is None else TakeRecord(1, take[1], slot=-1, copy=int(take[2] or 1))


def run_to_entry(run: int, info: RunInfo) -> dict[str, Any]:
    """A run as a journal entry."""
    return {"kind": "run", "run": run, **asdict(info)}


def run_from_entry(entry: Mapping[str, Any]) -> tuple[int, RunInfo]:
    """What `run_to_entry` was given.

    Raises:
        RecordError: No run.
    """
    looper = entry.get("looper")
    if not isinstance(looper, Mapping):
        raise RecordError("a run without its looper")
    _check_counts(entry.get("run"))
    return entry["run"], made(RunInfo, {**entry, "looper": made(LooperConfig, looper)})


def _audio_facts(values: object) -> AudioFacts:
    if not isinstance(values, Mapping):
        raise RecordError(f"no sound: {values!r:.100}")
    facts = made(AudioFacts, values)
    _check_counts(facts.n_frames, facts.n_channels, facts.sample_rate)
    return facts


def _check_counts(*values: object) -> None:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise RecordError(f"a count must be a whole number of at least 0, got {value!r:.100}")
