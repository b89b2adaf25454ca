"""What the setting `compat` makes of the other settings: which of them it ignores, and which mean something else there.

Words only; what is done is in `vamp`, and what the published code has no counterpart of is refused there (`refuse`).
"""

from __future__ import annotations

from ..settings import VampSettings

_FILTER = "the published code drops the result of its filter"
_BEATS = "the published prompt hears beats by a model of its own"
# Setting → why it has no effect, whatever else is set.
_ALWAYS = {
    "typical_mass": _FILTER,
    "typical_min_tokens": _FILTER,
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
        _BEATS,
    ),
}
_DEFAULTS = VampSettings()
FINE = VampSettings(typical=False, temperature=1.0, mask_temperature=10.5, top_p=1.0)
"""What the published fine model draws with, whatever is set."""
_COARSE_ALONE = ("temperature", "mask_temperature", "top_p")


def coarse_settings(settings: VampSettings) -> VampSettings:
    """What the published coarse model draws with: a temperature of 0 leaves its probabilities as they are."""
    return settings.changed(temperature=settings.temperature or 1.0, typical=False)


def ignored(settings: VampSettings) -> dict[str, str]:
    """Settings that have no effect with `compat` on, as they stand, and why.

    Args:
        settings: With `compat` on; it is not looked at.

    Returns:
        Reasons by setting, each fit to stand after "has no effect".
    """
    found = dict(_ALWAYS)
    if settings.typical:
        found["typical"] = _FILTER
    if settings.temperature == 0:
        found["temperature"] = "0 counts as 1"
    if settings.loop:
        found["loop"] = "the published code knows no loops, so the seam may be heard"
    return found


def otherwise(settings: VampSettings) -> tuple[str, ...]:
    """Settings that mean something else with `compat` on, as clauses: what each does there."""
    found = []
    if settings.period > 0 and settings.period_width % 2 == 0:
        found.append(f"period_width {settings.period_width} keeps {settings.period_width + 1} frames")
    if settings.onset_width > 0:
        found.append(f"onset_width {settings.onset_width} keeps {2 * settings.onset_width} frames round an onset")
    if settings.dropout > 0:
        found.append("dropout draws with replacement, so that it forgets less than it says")
    if settings.random_keep > 0:
        found.append("random_keep tosses a coin for every token, so that it keeps its share only on average")
    drawing = coarse_settings(settings)
    coarse_alone = [name for name in _COARSE_ALONE if getattr(drawing, name) != getattr(FINE, name)]
    if coarse_alone:
        found.append(f"{_listed(coarse_alone)} no effect on the fine model")
    return tuple(found)


def notes(settings: VampSettings) -> tuple[str, ...]:
    """What a user should know of a take that was made with `compat` on, in full sentences.

    Of the settings that are ignored, those are named that are on or differ from their default.
    """
    idle = {
        name: reason
        for name, reason in ignored(settings).items()
        if name not in _ALWAYS or getattr(settings, name) != getattr(_DEFAULTS, name)
    }
    by_reason: dict[str, list[str]] = {}
    for name, reason in idle.items():
        by_reason.setdefault(reason, []).append(name)
    told = [f"With compat, {_listed(names)} no effect: {reason}." for reason, names in by_reason.items()]
    return (*told, *(f"With compat, {clause}." for clause in otherwise(settings)))


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} has"
    return f"{', '.join(names[:-1])} and {names[-1]} have"
