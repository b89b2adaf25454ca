"""Settings that have no effect while another one is off: said to whoever sets them, so that no control is silent."""

from __future__ import annotations

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


def is_lost_to_compat(name: str, settings: VampSettings) -> bool:
    """Whether a setting has no effect because `compat` is on."""
    return settings.compat and name in ignored(settings)
