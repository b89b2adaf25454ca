"""What a slot can be told and what it can be doing, in the words of live loopers.

The verbs and states are those performers know from SooperLooper and the Echoplex; `vamp`, `auto`, `hold` and recalling
a take are ours.
"""

from __future__ import annotations

VERBS: dict[str, str] = {
    "record": "Record a new loop; again, or any verb that plays, closes it.",
    "overdub": "Play on top of the loop; again ends it.",
    "multiply": "Play over as many repetitions of the loop as you like; again ends it at the seam, and all of them "
    "are the loop.",
    "insert": "Play new cycles in between, beginning here; again ends it when a whole cycle is full.",
    "replace": "What you play takes the place of the loop, which is not heard meanwhile; again ends it.",
    "substitute": "What you play takes the place of the loop, which is still heard; again ends it.",
    "play": "Close a recording, end what is being played in, unmute, or go on after a pause.",
    "undo": "Back to the loop as it was before.",
    "redo": "Forward again to what was undone.",
    "reverse": "Play backwards; again plays forwards.",
    "half_speed": "Half speed, an octave down; again returns to normal speed.",
    "double_speed": "Double speed, an octave up; again returns to normal speed.",
    "mute": "Silent, but the loop runs on; again is heard.",
    "pause": "Stop where it is; again goes on from there.",
    "one_shot": "Play to the end once, from the start, then fall silent.",
    "trigger": "Play from the start.",
    "clear": "Forget the loop and everything before it.",
    "vamp": "Ask for a variation; it takes over at a seam.",
    "auto": "Ask for a variation every few cycles (control auto_cycles); again ends it.",
    "hold": "Keep playing what plays: variations that arrive wait; again lets the newest take over.",
}
"""Verb → help."""

STATES: dict[str, str] = {
    "off": "empty",
    "wait_start": "recording begins at the next beat, bar or seam",
    "recording": "recording a new loop",
    "wait_stop": "what is being played in ends at the next beat, bar or seam",
    "playing": "playing",
    "overdubbing": "playing, and what comes in is added",
    "multiplying": "as overdubbing, and the loop grows by whole repetitions",
    "inserting": "new cycles are being recorded in between",
    "replacing": "what comes in takes the place of the loop",
    "substituting": "what comes in takes the place of the loop, which is still heard",
    "muted": "running, silent",
    "one_shot": "playing to the end once",
    "paused": "standing still",
}
"""State → meaning."""

PLAYED_IN = frozenset({"overdubbing", "multiplying", "inserting", "replacing", "substituting"})
"""States in which sound goes into a loop that exists."""

QUANTISE = ("off", "beat", "bar", "loop")

QUANTISED = frozenset(VERBS) - {"clear", "undo", "redo", "vamp", "auto", "hold"}
"""Verbs that wait for the grid; the others act at once, and what they bring comes at a seam by itself."""

NEED_NO_CLOSING = frozenset({"clear", "auto", "hold"})
"""Verbs that leave alone what is being played in."""

_STATE_OF_VERB = {
    "record": "recording",
    "overdub": "overdubbing",
    "multiply": "multiplying",
    "insert": "inserting",
    "replace": "replacing",
    "substitute": "substituting",
    "mute": "muted",
    "pause": "paused",
    "one_shot": "one_shot",
}


def state_of(verb: str) -> str | None:
    """The state that a verb leads to, if it has one of its own; the same verb ends it."""
    return _STATE_OF_VERB.get(verb)


def next_state(state: str, verb: str) -> str:
    """The state that a verb leads to from another."""
    if verb == "clear":
        return "off"
    own = state_of(verb)
    if own is not None:
        return "playing" if own == state else own
    if verb in ("play", "trigger"):
        return "playing"
    ends = verb not in NEED_NO_CLOSING and (state in PLAYED_IN or state == "recording")
    return "playing" if ends else state
