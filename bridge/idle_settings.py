"""Settings that have no effect while another one is off: said to whoever sets them, so that no control is silent."""

from __future__ import annotations

from collections.abc import Mapping

from ..engine.compat.differences import ignored
from ..engine.settings import VampSettings

# setting → the one it belongs to; that one is off at 0 or False
BELONGS_TO = {
    "typical_mass": "typical",
    "typical_min_tokens": "typical",
    "period_width": "period",
    "period_offset": "period",
    **dict.fromkeys(
        (
            "beat_kind",
            "beat_downsample",
            "beat_dropout",
            "beat_invert",
            "tempo_bpm",
            "beats_per_bar",
            "beat_offset_ms",
        ),
        "beat_after_ms",
    ),
}
# owner → another setting that does as well
OR_ELSE = {"beat_after_ms": "beat_before_ms"}
# what the clock of a set says in place of a slot, unless the slot has a tempo of its own; see `clock.grid.on_grid`
FROM_CLOCK = frozenset({"beats_per_bar", "beat_offset_ms"})


def why_idle(name: str, settings: VampSettings) -> str | None:
    """`typical_mass has no effect while typical is off`, or None where the setting has its effect."""
    if is_lost_to_compat(name, settings):
        return f"{name} has no effect while compat is on ({ignored(settings)[name]})"
    owner = BELONGS_TO.get(name)
    if owner is None or getattr(settings, owner):
        return None
    state = "off" if getattr(settings, owner) is False else "0"
    other = OR_ELSE.get(owner)
    if other is None:
        return f"{name} has no effect while {owner} is {state}"
    return None if getattr(settings, other) else f"{name} has no effect while {owner} is {state}, and {other} too"


def why_idle_on_stage(name: str, settings: VampSettings, *, has_beat: bool) -> str | None:
    """As `why_idle`, of a setting of a slot; `has_beat` while the clock of the set counts."""
    reason = why_idle(name, settings)
    if reason is None and has_beat and name in FROM_CLOCK and not settings.tempo_bpm:
        return f"{name} has no effect while tempo_bpm is 0 and the clock runs, which then gives it"
    return reason


def told(reason: str) -> str:
    """What a client is told who has set such a setting."""
    return f"{reason}. It is kept for later."


def told_of_slots(reasons: Mapping[int, str | None]) -> list[str]:
    """Likewise of slots, by their index from 0: a line for each reason, with the slots that it holds for."""
    slots: dict[str, list[str]] = {}
    for slot, reason in reasons.items():
        if reason is not None:
            slots.setdefault(reason, []).append(str(slot + 1))
    return [f"slot{'s' * (len(numbers) > 1)} {', '.join(numbers)}: {told(reason)}" for reason, numbers in slots.items()]


def promise(name: str) -> str:
    """What the help of such a setting says beside what it does; empty for one that always has its effect."""
    owner = BELONGS_TO.get(name)
    return f" While {owner} is off it has no effect, and a `/vamp/log` says so." if owner else ""


def is_lost_to_compat(name: str, settings: VampSettings) -> bool:
    """Whether a setting has no effect because `compat` is on."""
    return settings.compat and name in ignored(settings)
