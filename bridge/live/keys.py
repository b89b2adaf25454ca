"""What the keys of the computer do, for playing without any controller. Keys in, commands out; no terminal here.

A key is one character, or one of the words in ARROWS.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ...engine.settings import PRESETS
from ..looper.controls import SLOT_RANGES, SlotControls
from ..looper.messages import Command, SetSlot, Verb
from ..looper.verbs import QUANTISE

VERB_KEYS: dict[str, str] = {
    "r": "record",
    "o": "overdub",
    "p": "play",
    "v": "vamp",
    "a": "auto",
    "h": "hold",
    "u": "undo",
    "U": "redo",
    "m": "mute",
    " ": "pause",
    "s": "one_shot",
    "g": "trigger",
    "x": "reverse",
    ",": "half_speed",
    ".": "double_speed",
    "M": "multiply",
    "I": "insert",
    "R": "replace",
    "S": "substitute",
    "C": "clear",
}
PRESET_KEYS: dict[str, str] = dict(zip("jkl", PRESETS, strict=True))
UP, DOWN = ARROWS = ("up", "down")
SLOT_STEPS = {UP: -1, DOWN: 1, "N": -1, "n": 1}
WET_STEPS = {"+": 0.1, "=": 0.1, "-": -0.1}
QUIT, TAP, QUANTISE_KEY = "q", "t", "z"
SLOT_KEYS = "123456789"
QUIT_WITHIN_S = 2.0

# What a terminal sends for a key without a character, after ECMA-48: ESC [ numbers letter, or ESC O letter; with Alt,
# ESC and the key. What is not wanted has to be swallowed whole: the last letter of "right" is C, that of F3 is R.
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*([@-~])|O([@-~])|[^\[O])", re.DOTALL)
_ARROW_LETTERS = {"A": UP, "B": DOWN}


@dataclass(frozen=True)
class Choose:
    """Another slot is meant from now on; `slot` from 0."""

    slot: int


@dataclass(frozen=True)
class UsePreset:
    """The variations of a slot follow a preset."""

    slot: int
    name: str


class Quit:
    """The set is over."""


class Tap:
    """A beat, now."""


Action = Command | Choose | UsePreset | Quit | Tap
_BARE: dict[str, Quit | Tap] = {QUIT: Quit(), TAP: Tap()}


class QuitKey:
    """One stray press must not end a set: while something plays it takes two, one right after the other."""

    def __init__(self) -> None:
        self._pressed_s = -math.inf

    def press(self, now_s: float, *, is_playing: bool) -> bool:
        """It was pressed; whether the set is over. `now_s` in seconds of any clock that does not go back."""
        is_second = now_s - self._pressed_s <= QUIT_WITHIN_S
        self._pressed_s = now_s
        return is_second or not is_playing

    def forget(self) -> None:
        """Another key was pressed: the performer plays on."""
        self._pressed_s = -math.inf


class KeyReader:
    """Takes keys out of what a terminal sends."""

    def __init__(self) -> None:
        self._rest = ""  # the beginning of a sequence

    def feed(self, text: str) -> list[str]:
        """The keys of what has come, in order. Empty text says that nothing did: a sequence that was begun is over."""
        self._rest += text
        keys: list[str] = []
        while self._rest:
            if self._rest[0] != "\x1b":
                keys.append(self._rest[0])
                self._rest = self._rest[1:]
                continue
            match = _SEQUENCE.match(self._rest)
            if match is None:
                break
            self._rest = self._rest[match.end() :]
            arrow = _ARROW_LETTERS.get(match.group(1) or match.group(2) or "")
            keys.extend([arrow] if arrow else [])
        if not text:
            self._rest = ""
        return keys


def action_of(key: str, slot: int, *, n_slots: int, controls: SlotControls) -> Action | None:
    """What a key means.

    Args:
        key: See the top.
        slot: That was chosen last, from 0.
        n_slots: There are.
        controls: Of that slot, as they are now.

    Returns:
        None for a key that means nothing.
    """
    if len(key) == 1 and key in SLOT_KEYS:
        return Choose(int(key) - 1) if int(key) <= n_slots else None
    if key in SLOT_STEPS:
        return Choose((slot + SLOT_STEPS[key]) % n_slots)
    if key in VERB_KEYS:
        return Verb(slot, VERB_KEYS[key])
    if key in PRESET_KEYS:
        return UsePreset(slot, PRESET_KEYS[key])
    return _BARE.get(key) or _dial_of(key, slot, controls)


def _dial_of(key: str, slot: int, controls: SlotControls) -> SetSlot | None:
    if key in WET_STEPS:
        low, high = SLOT_RANGES["wet"].low or 0.0, SLOT_RANGES["wet"].high or 0.0
        return SetSlot(slot, "wet", round(min(high, max(low, controls.wet + WET_STEPS[key])), 2))
    if key == QUANTISE_KEY:
        return SetSlot(slot, "quantise", QUANTISE[(QUANTISE.index(controls.quantise) + 1) % len(QUANTISE)])
    return None


def help_lines(width: int = 80) -> list[str]:
    """The keys, for people, in lines of at most `width` characters (more if a single key needs more)."""
    verbs = [f"{'space' if key == ' ' else key} {verb.replace('_', ' ')}" for key, verb in VERB_KEYS.items()]
    presets = [f"{key} vamp {name}" for key, name in PRESET_KEYS.items()]
    others = [f"{TAP} tap", f"{QUANTISE_KEY} quantise"]
    lines = [""]
    for item in ["1-9 ↑ ↓ n N slot", *verbs, "+ - volume", *others, *presets, f"{QUIT} quit"]:
        longer = f"{lines[-1]} · {item}" if lines[-1] else item
        if len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(item)
    return lines
