"""Every setting of a vamp: default, range, unit and help, once. CLI, OSC table, patches and docs read them from here.

Plain values only; no audio, no tokens, no masks here.
"""

from __future__ import annotations

import copy
import math
import reprlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

from .errors import SettingError

SHARE = "share"  # the unit of a part of something, 1 being all of it


@dataclass(frozen=True)
class Range:
    """What one setting accepts. `low` and `high` are inclusive; `choices` replaces them for words."""

    kind: type
    low: float | None
    high: float | None
    unit: str
    help: str
    choices: tuple[str, ...] = ()
    optional: bool = False

    def check(self, name: str, value: object) -> int | float | str | bool | None:
        """Return `value` in the setting's own type.

        Raises:
            SettingError: Wrong type or out of range; names the setting, the range and the value.
        """
        if value is None and self.optional:
            return None
        if self.kind is bool:
            return self._check_bool(name, value)
        if self.kind is str:
            if value not in self.choices:
                raise SettingError(f"{name} must be one of {', '.join(self.choices)}, got {shown(value)}")
            return value
        return self._check_number(name, value)

    def _check_bool(self, name: str, value: object) -> bool:
        if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
            return bool(value)
        raise SettingError(f"{name} must be true or false, got {shown(value)}")

    def _check_number(self, name: str, value: object) -> int | float:
        if isinstance(value, int | float) and not isinstance(value, bool) and self._holds(value):
            return self.kind(value)  # type: ignore[no-any-return]
        raise SettingError(f"{name} must be {self.describe()}, got {shown(value)}")

    def _holds(self, value: float) -> bool:
        """Whether a number is finite, whole where it must be, and in range."""
        # Compared, never made a float of: a whole number may be too large for one.
        if not -math.inf < value < math.inf or (self.kind is int and value != int(value)):
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def describe(self) -> str:
        """Range in words: `a whole number from 1 to 64 passes`; both ends belong to it."""
        if self.kind is bool:
            return "true or false"
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.unit == SHARE:
            return f"a share from {self.low:g} to {self.high:g}"
        number = "a whole number" if self.kind is int else "a number"
        # Whole numbers in full: a seed's range must not read 9.2e+18.
        low, high = (str(end) if self.kind is int else f"{end:g}" for end in (self.low, self.high))
        return f"{number} from {low} to {high}{' ' + self.unit if self.unit else ''}"


class _Brief(reprlib.Repr):
    """Short for every value that JSON or a command line may hold; whole numbers of any length."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 60
        self.maxlevel, self.maxlist, self.maxdict = 2, 4, 2

    def repr_int(self, value: int, level: int) -> str:  # noqa: ARG002 - as the base class calls it
        if abs(value) < _LONG:
            return repr(value)
        exponent = math.floor(math.log10(abs(value)))  # of any size, where a float overflows and `repr` refuses
        return f"about {'-' if value < 0 else ''}1e{exponent}"


_LONG = 10**24
_MOST_SHOWN = 100
_BRIEF = _Brief()


def shown(value: object) -> str:
    """A value as an error shows it: as Python writes it, in at most 100 characters."""
    text = _BRIEF.repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


_Default = TypeVar("_Default")


# The three below return a dataclass field, typed as the value it stands for.
def _setting(default: _Default, low: float, high: float, unit: str, text: str) -> _Default:
    spec = Range(int if default is None else type(default), low, high, unit, text, optional=default is None)
    return field(default=default, metadata={"range": spec})


def _switch(*, default: bool, text: str) -> bool:
    return field(default=default, metadata={"range": Range(bool, None, None, "", text)})


def _word(default: str, choices: tuple[str, ...], text: str) -> str:
    return field(default=default, metadata={"range": Range(str, None, None, "", text, choices)})


BEAT_KINDS = ("all", "downbeats", "upbeats")


@dataclass(frozen=True)
class VampSettings:
    """How one loop is varied: what is kept of it (the prompt), and how the rest is drawn.

    Prompts that are switched off (0) take no part. Those that are on are combined by `combine`; `codebooks_kept` and
    `dropout` then apply to the result. With every prompt off, nothing of the loop is kept.
    """

    period: int = _setting(
        7, 0, 128, "frames", "Keep every P-th frame as the rhythm of the prompt; 1 keeps all frames, 0 switches it off."
    )
    period_width: int = _setting(
        1, 1, 64, "frames", "How many frames are kept round each periodic frame; as large as period, it keeps all."
    )
    period_offset: int = _setting(
        0, 0, 127, "frames", "Shifts the periodic frames later; a period further they meet the next ones."
    )
    codebooks_kept: int = _setting(
        3, 0, 64, "codebooks", "Codebooks that may be kept, from the coarsest; the finer ones are always redrawn."
    )
    prefix_s: float = _setting(0.0, 0.0, 600.0, "s", "Keep this much of the start.")
    suffix_s: float = _setting(0.0, 0.0, 600.0, "s", "Keep this much of the end.")
    random_keep: float = _setting(0.0, 0.0, 1.0, SHARE, "Keep this share of all tokens, drawn at random; 0 is off.")
    onset_width: int = _setting(0, 0, 64, "frames", "Keep this many frames round every onset (attack); 0 is off.")
    beat_before_ms: float = _setting(0.0, 0.0, 1000.0, "ms", "Keep this much ahead of every beat.")
    beat_after_ms: float = _setting(
        0.0, 0.0, 1000.0, "ms", "Keep this much from every beat on; 0, with beat_before_ms 0 too, is off."
    )
    beat_kind: str = _word(
        "all", BEAT_KINDS, "Which beats: all, the first of every bar (downbeats), or the others (upbeats)."
    )
    beat_downsample: int = _setting(1, 1, 64, "beats", "Of these beats only every n-th, from the first of a bar on.")
    beat_dropout: float = _setting(0.0, 0.0, 1.0, SHARE, "Forget this share of these beats, at random.")
    beat_invert: bool = _switch(default=False, text="Keep everything but what lies round these beats.")
    tempo_bpm: float = _setting(
        0.0, 0.0, 300.0, "bpm", "Tempo of the loop, for beats; 0 has them found in the sound (needs the extra onset)."
    )
    beats_per_bar: int = _setting(4, 1, 16, "beats", "Beats of a bar: every so many beats, one is a downbeat.")
    beat_offset_ms: float = _setting(
        0.0, 0.0, 60_000.0, "ms", "Where a bar begins; of beats that are found, the nearest to it begins a bar."
    )
    combine: str = _word(
        "any", ("any", "all"), "Keep what any prompt keeps (any), or only what all of them keep (all); it takes two."
    )
    dropout: float = _setting(0.0, 0.0, 1.0, SHARE, "Forget this share of the kept tokens again, at random.")
    stretch: int = _setting(1, 1, 8, "times", "Stretch time by a whole factor; the result is that much longer.")
    feedback: int = _setting(1, 1, 64, "rounds", "Vamp the vamp this many times.")
    temperature: float = _setting(
        1.0, 0.0, 5.0, "", "How adventurous each token is drawn; 0 always takes the likeliest."
    )
    mask_temperature: float = _setting(
        10.5, 0.0, 100.0, "", "Randomness in the order in which tokens are settled; 0 settles the surest first."
    )
    typical: bool = _switch(default=True, text="Draw only from tokens of typical surprise (locally typical sampling).")
    typical_mass: float = _setting(0.15, 0.01, 1.0, SHARE, "Probability mass of the typical set (with typical).")
    typical_min_tokens: int = _setting(
        64, 1, 1024, "tokens", "The typical set holds at least this many tokens (with typical)."
    )
    top_p: float = _setting(1.0, 0.01, 1.0, SHARE, "Draw only from the likeliest tokens of this mass; 1 is off.")
    coarse_passes: int = _setting(12, 1, 64, "passes", "Passes of the coarse model; more passes cohere better.")
    fine_passes: int = _setting(2, 1, 64, "passes", "Passes of the fine model.")
    variations: int = _setting(1, 1, 16, "takes", "How many different takes to make of one loop.")
    loop: bool = _switch(default=True, text="The sound is a loop: its end meets its start. Off for a one-shot.")
    compat: bool = _switch(
        default=False,
        text="As the published VampNet does it, for comparing with published results: its prompts, windows and "
        "schedule, in mono and as a one-shot.",
    )
    seed: int | None = _setting(
        None, 0, 2**63 - 1, "", "Same seed, loop, settings and model give the same take; none draws one."
    )

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, spec.metadata["range"].check(spec.name, getattr(self, spec.name)))

    def changed(self, **values: object) -> VampSettings:
        """A copy with some settings changed.

        Raises:
            SettingError: A name that does not exist, or a value out of range.
        """
        unknown = sorted(set(values) - set(RANGES))
        if unknown:
            raise SettingError(f"there is no setting {shown(unknown[0])}; there are: {', '.join(RANGES)}")
        checked = {name: RANGES[name].check(name, value) for name, value in values.items()}
        changed = copy.copy(self)  # the others were checked when it was made: a dial that is turned is one of forty
        for name, value in checked.items():
            object.__setattr__(changed, name, value)
        return changed

    @property
    def follows_beats(self) -> bool:
        """Whether the beat prompt is on."""
        return self.beat_before_ms > 0 or self.beat_after_ms > 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def in_proportion(settings: VampSettings, changes: Mapping[str, object]) -> VampSettings:
    """`settings.changed(**changes)`; with a period and no width among them, as large a part of the loop stays.

    A width as large as the period keeps everything, so that a shorter period alone would leave nothing to vary. The
    published `compat` goes by the numbers alone.

    Raises:
        SettingError: As `changed`.
    """
    changed = settings.changed(**changes)
    is_given = "period_width" in changes or "period" not in changes
    if is_given or changed.compat or not settings.period or not changed.period:
        return changed
    return changed.changed(period_width=width_in_proportion(settings, changed.period))


def width_in_proportion(settings: VampSettings, period: int) -> int:
    """Frames kept in a period of another length: as large a part of it as these settings keep of theirs, never all.

    Args:
        settings: Their period is above 0.
        period: In frames, above 0.
    """
    widest = min(int(RANGES["period_width"].high or 1), period - 1)
    return max(1, min(widest, round(period * settings.period_width / settings.period)))


PROMPTS = frozenset({"period", "prefix_s", "suffix_s", "random_keep", "onset_width", "beat_before_ms", "beat_after_ms"})
"""Settings that switch a prompt on. A prompt keeps tokens; 0 is off."""


def without_prompts(settings: VampSettings) -> VampSettings:
    """The same with every prompt off, for a drawn mask that decides alone."""
    return settings.changed(**dict.fromkeys(PROMPTS, 0))


RANGES: dict[str, Range] = {spec.name: spec.metadata["range"] for spec in fields(VampSettings)}

DEFAULT_PRESET = "balanced"

# Chosen by measurement on the demo loops with the embedded model (benchmarks/vamp_quality.py, docs/performance.md).
PRESETS: dict[str, VampSettings] = {
    "faithful": VampSettings(period=32, period_width=26, codebooks_kept=14, temperature=0.7, typical=False),
    "balanced": VampSettings(period=48, period_width=28, codebooks_kept=14, temperature=0.7, typical=False),
    "wild": VampSettings(period=64, period_width=24, codebooks_kept=14, temperature=0.8, typical=False),
}
PRESET_HELP: dict[str, str] = {
    "faithful": "Close to what you played: four fifths of it stay, short moments are played anew.",
    "balanced": "A little more than half stays, the rest is played anew.",
    "wild": "A third stays, and longer stretches are played anew; expect surprises.",
}


def preset(name: str) -> VampSettings:
    """Settings of a preset.

    Raises:
        SettingError: No preset of that name; lists those there are.
    """
    if name not in PRESETS:
        raise SettingError(f"preset must be one of {', '.join(PRESETS)}, got {shown(name)}")
    return PRESETS[name]
